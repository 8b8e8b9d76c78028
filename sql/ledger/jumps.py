"""Where a feed's offsets do not follow each other, since its topic has lost records or is another one."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, func, insert, or_, select, update

from millrace.contract.contract import Contract
from sql import events
from sql.events import LabEvent, OfTopic
from sql.ledger import loads
from sql.schema.feed_tables import fact_table
from sql.schema.ledger_tables import app_table, feed_table, jump, quarantine, sample

log = logging.getLogger(__name__)
SAME_LOOK = timedelta(seconds=2)
"""A look is noted to the second, and the feed's state right behind it."""


@dataclass(frozen=True)
class Jump:
    """In a partition the ledger goes on elsewhere than it ended, see pipeline_jump.

    `typed_from`: from this offset on typed records are others than those that were loaded before.
    """

    kind: OfTopic
    partition: int
    start: int
    to: int
    typed_from: int | None = None


def adopt(connection: Connection, feed: str, topic_uuid: str) -> None:
    """Go on with a topic that was made anew, from its beginning; what was loaded stays.

    Does nothing where the topic is the one that is known, or where the feed is starting over.
    """
    row = loads.read_feed(connection, feed, lock=True)
    if row is None or row.topic_uuid in {"", topic_uuid}:
        return
    ends, old = loads.from_json(row.end_offsets), _last_look(connection, row)
    enter(connection, feed, topic_uuid, [Jump("renewed", *end, 0) for end in ends.items()], row.committed_load_id)
    values: dict[str, Any] = {
        "topic_uuid": topic_uuid,
        "end_offsets": {},
        "latest_offsets": None,
        "updated_at": func.now(3),
    }
    connection.execute(update(feed_table).where(feed_table.c.feed == feed).values(values))
    is_trouble = old.unread > 0 or not old.is_last
    _report(connection, feed, "renewed", _renewed(row.topic, old), is_trouble=is_trouble)


def note(connection: Connection, feed: str, topic_uuid: str, jumps: Sequence[Jump], message: str) -> None:
    """Go on there, and say so once, in the open transaction that holds the feed's row.

    Refused when the topic is another one, or the ledger has gone on since.
    """
    row = loads.read_feed(connection, feed, lock=True)
    assert row is not None  # noqa: S101 - who finds a jump has opened the feed
    loads.check_topic(row, topic_uuid)
    ends = loads.from_json(row.end_offsets) | {each.partition: each.to for each in jumps}
    enter(connection, feed, topic_uuid, jumps, row.committed_load_id)
    values = {"end_offsets": loads.as_json(ends), "updated_at": func.now(3)}
    connection.execute(update(feed_table).where(feed_table.c.feed == feed).values(values))
    _report(connection, feed, jumps[0].kind, message, is_trouble=jumps[0].kind == "dropped")


def enter(connection: Connection, feed: str, topic_uuid: str, jumps: Iterable[Jump], load_id: int) -> None:
    """Keep the jumps; whoever calls it moves the ledger's ends."""
    rows = [
        {
            "feed": feed,
            "topic_uuid": topic_uuid,
            "kafka_partition": each.partition,
            "kind": each.kind,
            "from_offset": each.start,
            "to_offset": each.to,
            "typed_from": each.typed_from,
            "load_id": load_id,
            "found_at": func.now(3),
        }
        for each in jumps
    ]
    if rows:
        connection.execute(insert(jump).values(rows))


def _report(connection: Connection, feed: str, kind: OfTopic, message: str, *, is_trouble: bool) -> None:
    log.warning("%s: %s", feed, message)
    events.note(connection, LabEvent(kind, message, feed, is_trouble=is_trouble))


class _LastLook(NamedTuple):
    """What is known of the end of a topic that is gone."""

    unread: int
    """Records that it held then and that were not loaded."""
    at: datetime | None = None
    """When that was (UTC); None where nobody looked."""
    is_last: bool = False
    """Whether nothing came behind it, as far as anybody can know."""


def _last_look(connection: Connection, feed: Row[Any]) -> _LastLook:
    """The stream looks every ten seconds, while it runs and reaches Kafka; what happened to the feed since tells that.

    Ends without any partition are a restored lab's: what its topics held behind the ledger is missed by nobody.
    """
    if feed.latest_offsets == {}:
        return _LastLook(0, is_last=True)
    if feed.latest_offsets is None:
        return _LastLook(0)
    ends, latest = loads.from_json(feed.end_offsets), loads.from_json(feed.latest_offsets)
    unread = sum(max(0, end - ends.get(partition, 0)) for partition, end in latest.items())
    at = connection.scalar(select(func.max(sample.c.sampled_at)).where(sample.c.feed == feed.feed))
    started = connection.scalar(select(func.max(app_table.c.started_at)))
    is_last = at is not None and max(feed.updated_at, started or feed.updated_at) - at < SAME_LOOK
    return _LastLook(unread, at, is_last)


def _renewed(topic: str, old: _LastLook) -> str:
    kept = f"The topic {topic} was made anew. What was loaded stays, and the new topic is read from its beginning"
    lost = [f"{old.unread} records of the old one were not loaded, send them again"] if old.unread else []
    if not old.is_last:
        seen = f" (it was looked at last at {old.at:%Y-%m-%d %H:%M:%S} UTC)" if old.at else ""
        lost.append(f"the old one may have held records that nobody read{seen}, send again what is missing")
    return f"{'; '.join([kept, *lost])}."


def typed_from(connection: Connection, feed: str, topic_uuid: str) -> tuple[tuple[int, int], ...]:
    """(partition, offset) from which on typed records of that topic are others than those loaded before, oldest first.

    See millrace.record.identity.console_source.
    """
    of = jump.c
    query = select(of.kafka_partition, of.typed_from).where(
        of.feed == feed, of.topic_uuid == topic_uuid, of.typed_from.is_not(None)
    )
    return tuple((row.kafka_partition, row.typed_from) for row in connection.execute(query.order_by(of.jump_id)))


def typed_times(
    connection: Connection, contract: Contract, sources: Iterable[int], start: int, end: int
) -> dict[tuple[int, int], datetime | None]:
    """By (source, offset), when typed records of those sources were sent that were loaded from `start` to before `end`.

    One that was replayed keeps its own; where an older release gave it that of the replay, quarantine has its own.
    """
    found: dict[tuple[int, int], datetime | None] = {}
    for of in (fact_table(contract).c, quarantine.c):
        asked = [of.source_id == source for source in sources]
        query = select(of.source_id, of.row_no, of.sent_at).where(or_(*asked), of.row_no >= start, of.row_no < end)
        found |= {(row.source_id, row.row_no): row.sent_at for row in connection.execute(query)}
    return found
