"""Old loads of a feed are folded: those of one day (UTC) become one row of the ledger, the last of them.

It keeps what a ledger has to answer for them: where the first began and the last ended, the sums of their counts, and
the newest mark of each partition. So loads still follow each other, counts still add up to the feed's, and a topic that
is cut is known again, if only by days. What each load had of each source is forgotten; pipeline_source has the sums.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, text, update

from sql.ledger.counts import COUNTS
from sql.ledger.loads import read_feed
from sql.schema.ledger_tables import load_partition, load_source, load_table

KEPT_DAYS, KEPT_LOADS = 7, 50_000
"""A load is folded that is older, or that so many of its feed have followed."""
PIECE = 1_000
"""Loads that one transaction looks at."""
OLD = text(f"NOW(3) - INTERVAL {KEPT_DAYS} DAY")


def fold_piece(connection: Connection, feed: str, after: int = 0, kept: int = KEPT_LOADS) -> int | None:
    """Fold the oldest loads behind number `after` in the open transaction; where to go on, None where all is done.

    A feed's newest load is never folded: readers find by it when the feed last took something in.
    """
    of = load_table.c
    through = _through(connection, feed, kept)
    query = select(load_table).where(
        of.feed == feed, of.state == "committed", of.load_id > after, of.load_id <= through
    )
    rows = connection.execute(query.order_by(of.load_id).limit(PIECE)).all()
    days = [list(group) for _day, group in groupby(rows, key=lambda row: row.finished_at.date())]
    several = next((day for day in days if len(day) > 1), None)
    if several:
        _fold(connection, several)
    # The last row of what was looked at may have more of its day behind it.
    last = several[-1] if several else rows[-1] if len(rows) == PIECE else None
    return last.load_id - 1 if last else None


def clear_undone(connection: Connection, feed: str) -> int:
    """Forget loads that were undone long ago, of which nothing is left; how many of a piece."""
    old = delete(load_table).where(
        load_table.c.feed == feed, load_table.c.state == "undone", load_table.c.finished_at < OLD
    )
    return connection.execute(old.with_dialect_options(mysql_limit=PIECE)).rowcount


def _through(connection: Connection, feed: str, kept: int) -> int:
    """The newest load that may be folded; 0 for none."""
    recorded = read_feed(connection, feed)
    if recorded is None:
        return 0
    of = load_table.c
    before = (of.feed == feed, of.state == "committed", of.load_id < recorded.committed_load_id)
    aged = connection.scalar(select(func.max(of.load_id)).where(*before, of.finished_at < OLD))
    numbers = select(of.load_id).where(*before).order_by(of.load_id.desc())
    surplus = connection.scalar(numbers.offset(kept - 1).limit(1))
    return max(aged or 0, surplus or 0)


def _fold(connection: Connection, loads: Sequence[Row[Any]]) -> None:
    first, last = loads[0], loads[-1]
    ids = [row.load_id for row in loads]
    _fold_partitions(connection, ids)
    connection.execute(delete(load_source).where(load_source.c.load_id.in_(ids)))
    sums = {name: sum(getattr(row, name) for row in loads) for name in (*COUNTS, "loads")}
    spans = {
        "first_load_id": first.first_load_id or first.load_id,
        "start_offsets": first.start_offsets,
        "started_at": first.started_at,
        "oldest_sent_at": min(_known(row.oldest_sent_at for row in loads), default=None),
        "newest_sent_at": max(_known(row.newest_sent_at for row in loads), default=None),
    }
    connection.execute(update(load_table).where(load_table.c.load_id == last.load_id).values(**sums, **spans))
    connection.execute(delete(load_table).where(load_table.c.load_id.in_(ids[:-1])))


def _fold_partitions(connection: Connection, ids: Sequence[int]) -> None:
    """What they read of each partition, and the newest mark there, become the last load's."""
    of = load_partition.c
    query = select(load_partition).where(of.load_id.in_(ids)).order_by(of.kafka_partition, of.load_id)
    found = connection.execute(query).all()
    folded = []
    for _partition, group in groupby(found, key=lambda row: row.kafka_partition):
        rows = list(group)
        marked = next((row for row in reversed(rows) if row.last_offset is not None), rows[-1])
        _forget_read_over(connection, rows)
        sums = {name: sum(getattr(row, name) for row in rows) for name in ("read_count", "gaps")}
        folded.append({**marked._mapping, **sums, "load_id": ids[-1]})
    if folded:
        connection.execute(delete(load_partition).where(of.load_id.in_(ids)))
        connection.execute(insert(load_partition).values(folded))


def _forget_read_over(connection: Connection, rows: Sequence[Row[Any]]) -> None:
    """After a cut loads read once more what others had read; those others' marks are of records that are lost.

    While the loads are single their own marks tell that, see sql.ledger.marks.known.
    """
    of, first = load_partition.c, rows[0]
    again = min((row.last_offset for row in rows if row.last_offset is not None), default=None)
    same = (of.feed == first.feed, of.topic_uuid == first.topic_uuid, of.kafka_partition == first.kafka_partition)
    if again is not None:
        lost = update(load_partition).where(*same, of.load_id < first.load_id, of.last_offset >= again)
        connection.execute(lost.values(last_offset=None, last_digest=None))


def _known(moments: Iterable[Any]) -> list[Any]:
    return [moment for moment in moments if moment is not None]
