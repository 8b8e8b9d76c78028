"""The beginning and the undoing of loads, and where each feed stands."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from millrace.contract.contract import Contract, load_contract
from millrace.errors import Refused
from millrace.feed_names import known_feeds
from sql.schema.feed_tables import load_target
from sql.schema.ledger_tables import feed_table, load_table, quarantine

Offsets = Mapping[int, int]


def as_json(offsets: Offsets) -> dict[str, int]:
    """Offsets as the ledger keeps them: partition numbers are text in JSON."""
    return {str(partition): offset for partition, offset in sorted(offsets.items())}


def from_json(offsets: Mapping[str, int] | None) -> dict[int, int]:
    """Offsets from the ledger."""
    return {int(partition): offset for partition, offset in (offsets or {}).items()}


def read_feed(connection: Connection, feed: str, lock: bool = False) -> Row[Any] | None:
    """The feed's row, locked until the transaction ends when asked; None for a feed that was never opened."""
    query = select(feed_table).where(feed_table.c.feed == feed)
    return connection.execute(query.with_for_update() if lock else query).one_or_none()


def open_feed(connection: Connection, feed: str, topic_uuid: str, **values: Any) -> dict[int, int]:
    """Enter a feed, or find it again; the committed end offsets. Refused while the feed is starting over."""
    row = read_feed(connection, feed, lock=True)
    values["updated_at"] = func.now(3)
    if row is None:
        new = insert(feed_table).values(feed=feed, topic=feed, topic_uuid=topic_uuid, end_offsets={}, **values)
        connection.execute(new)
        return {}
    if not row.topic_uuid:
        raise Refused(f"Feed {feed} is starting over; `make reset FEED={feed}` finishes it.")
    connection.execute(update(feed_table).where(feed_table.c.feed == feed).values(**values))
    return from_json(row.end_offsets)


def check_begin(connection: Connection, feed: str, topic_uuid: str, start: Offsets, end: Offsets) -> None:
    """Refused unless a load of those offsets may begin now; holds the feed's row until the transaction ends."""
    pending = (
        select(func.min(load_table.c.load_id))
        .where(load_table.c.feed == feed, load_table.c.state == "pending")
        .scalar_subquery()
    )
    query = select(feed_table, pending.label("pending")).where(feed_table.c.feed == feed)
    row = connection.execute(query.with_for_update(of=feed_table)).one_or_none()
    if row is None:
        raise Refused(f"Feed {feed} is not in the ledger; open it before its first load.")
    check_topic(row, topic_uuid)
    check_start(row, start, end)
    if row.pending is not None:
        raise Refused(f"Feed {feed}: load {row.pending} is still pending; undo it before the next one begins.")


def insert_pending(connection: Connection, load_id: int | None, **values: Any) -> int:
    """Enter a load; its id: the reserved one, or one that is larger than that of every load before it."""
    given = {} if load_id is None else {"load_id": load_id}
    new = insert(load_table).values(state="pending", started_at=func.now(3), **given, **values)
    return int(connection.execute(new).inserted_primary_key[0])  # type: ignore[index]


NOBODYS: dict[str, Any] = dict.fromkeys(("app", "feed", "topic_uuid", "contract_version"), "") | {
    "epoch": 0,
    "start_offsets": {},
    "end_offsets": {},
}


def reserve(connection: Connection) -> int:
    """An id that no other load gets, without a load: MySQL gives none twice, whatever becomes of its row."""
    with connection.begin_nested() as never:
        number = insert_pending(connection, None, **NOBODYS)
        never.rollback()
    return number


def check_topic(feed: Row[Any], topic_uuid: str) -> None:
    """Refused when the topic is not the one the feed was opened with: its offsets would mean other records."""
    if feed.topic_uuid != topic_uuid:
        raise Refused(
            f"Topic {feed.topic} was deleted and made anew (its id is {topic_uuid}, the ledger knows"
            f" {feed.topic_uuid}); the query starts again with the new one."
        )


def check_start(feed: Row[Any], start: Offsets, end: Offsets) -> None:
    """Refused unless the load begins where the last one ended, in every partition, and does not end before."""
    for partition, offset in from_json(feed.end_offsets).items():
        if start.get(partition, 0) != offset:  # a partition that is no longer there has nothing to be read
            found = f"at {start[partition]}" if partition in start else "nowhere"
            raise Refused(
                f"Feed {feed.feed}: partition {partition} would start {found}, but the ledger ends at {offset};"
                " restart the application, it takes its offsets from the ledger."
            )
    if start.keys() != end.keys() or any(end[partition] < start[partition] for partition in start):
        raise Refused(f"Feed {feed.feed}: a load from {as_json(start)} to {as_json(end)} is no range; restart it.")


def pending_loads(connection: Connection, feed: str | None = None) -> list[int]:
    """Loads that were begun and neither committed nor undone, oldest first."""
    query = select(load_table.c.load_id).where(load_table.c.state == "pending").order_by(load_table.c.load_id)
    return list(connection.scalars(query if feed is None else query.where(load_table.c.feed == feed)))


def undo(connection: Connection, contracts: Mapping[str, Contract], load_id: int) -> bool:
    """Delete all that a pending load has written, in the open transaction; False when it is pending no more.

    Waits for loaders that still hold the load; later ones find it undone.
    """
    query = select(load_table.c.feed, load_table.c.state).where(load_table.c.load_id == load_id).with_for_update()
    row = connection.execute(query).one_or_none()
    if row is None or row.state != "pending":
        return False
    contract = contracts.get(row.feed) or (load_contract(row.feed) if row.feed in known_feeds() else None)
    if contract is None:
        raise Refused(f"Load {load_id} is of the feed {row.feed}, which has no contract any more; bring it back.")
    target = load_target(contract)
    connection.execute(delete(target).where(target.c.load_id == load_id))
    connection.execute(delete(quarantine).where(quarantine.c.load_id == load_id))
    connection.execute(
        update(load_table).where(load_table.c.load_id == load_id).values(state="undone", finished_at=func.now(3))
    )
    return True
