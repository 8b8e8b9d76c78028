"""REPLACE=1: an older version of a source leaves tables and rollups in the transaction that brings the newer one.

A source is in or out as a whole: out while it was replaced by a version later than every one of its own. So it makes no
difference that a topic's partitions are read at different speeds.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, func, select, update
from sqlalchemy.dialects.mysql import insert

from millrace.contract.contract import Contract
from sql.ledger import rollup, versions
from sql.schema.feed_tables import fact_table, load_target
from sql.schema.ledger_tables import quarantine, replaced, source

PIECE = 50_000
"""Rows that leave in one statement: few enough that MySQL answers long before the connection is given up."""


@dataclass(frozen=True)
class Replacement:
    """A source that takes an older one's place, as its records say; the first of them was sent then (UTC)."""

    old: int
    new: int
    sent_at: datetime
    version: int | None = None

    @property
    def order(self) -> int:
        """Its version, or what counts where events name none."""
        return versions.from_time(self.sent_at) if self.version is None else self.version


def replace(
    connection: Connection,
    contract: Contract,
    load_id: int,
    sources: Collection[int],
    replacements: Iterable[Replacement],
) -> int:
    """Take out the rows of replaced sources; how many committed rows left the fact table.

    `sources` are those that the load has read of. Call it when their versions are noted, before the load's rows are
    summed up: those of a replaced source leave as well.
    """
    leaving = _note(connection, contract.feed, load_id, replacements)
    out = _out(connection, contract.feed, {*sources, *leaving})
    if not out:
        return 0
    for table in (load_target(contract), quarantine):
        connection.execute(delete(table).where(table.c.load_id == load_id, table.c.source_id.in_(out)))
    return sum(_remove(connection, contract, load_id, old) for old in leaving)


def _note(connection: Connection, feed: str, load_id: int, replacements: Iterable[Replacement]) -> list[int]:
    """Enter the replacements that are news, being later than all that is known of the old source; those old sources."""
    latest: dict[int, Replacement] = {}
    for item in sorted(replacements, key=lambda item: (item.order, item.new)):
        if item.old != item.new:
            latest[item.old] = item
    if not latest:
        return []
    came, left = _came(connection, feed, latest), _left(connection, feed, latest)
    news = {old: it for old, it in latest.items() if it.order >= came.get(old, 0) and it.order > left.get(old, 0)}
    for old, item in news.items():
        values = {"replaced_by": item.new, "replaced_at": item.sent_at, "version": item.order, "load_id": load_id}
        statement = insert(replaced).values(feed=feed, source_id=old, **values)
        connection.execute(statement.on_duplicate_key_update(values))
    return sorted(news)


def _came(connection: Connection, feed: str, sources: Collection[int]) -> dict[int, int]:
    """The latest version of each source that was read."""
    query = select(source.c.source_id, versions.of_source())
    query = query.where(source.c.feed == feed, source.c.source_id.in_(sources))
    return {row[0]: row[1] for row in connection.execute(query)}


def _left(connection: Connection, feed: str, sources: Collection[int]) -> dict[int, int]:
    """The latest version that took the place of each source."""
    query = select(replaced.c.source_id, replaced.c.version)
    query = query.where(replaced.c.feed == feed, replaced.c.source_id.in_(sources))
    return {row[0]: row[1] for row in connection.execute(query)}


def _out(connection: Connection, feed: str, sources: Collection[int]) -> list[int]:
    """Those of the sources that are replaced."""
    same = and_(source.c.feed == replaced.c.feed, source.c.source_id == replaced.c.source_id)
    query = select(replaced.c.source_id).select_from(replaced.outerjoin(source, same))
    is_out = and_(replaced.c.feed == feed, replaced.c.version >= versions.of_source())
    return list(connection.scalars(query.where(is_out, replaced.c.source_id.in_(sources))))


def _remove(connection: Connection, contract: Contract, load_id: int, old: int) -> int:
    fact = fact_table(contract)
    removed = 0
    for piece in _pieces(connection, fact, and_(fact.c.source_id == old, fact.c.load_id < load_id)):
        rows = select(fact).where(piece).subquery("leaving")
        rollup.subtract(connection, contract, rows)
        rollup.drop_empty(connection, contract, rows)
        removed += connection.execute(delete(fact).where(piece)).rowcount
    refused = and_(quarantine.c.feed == contract.feed, quarantine.c.source_id == old)
    settled = {"resolved_load_id": load_id, "resolved_at": func.now(3)}
    connection.execute(update(quarantine).where(refused, quarantine.c.resolved_load_id.is_(None)).values(settled))
    return removed


def _pieces(connection: Connection, fact: Table, rows: ColumnElement[bool]) -> Iterator[ColumnElement[bool]]:
    """Those rows in ranges of their numbers, PIECE at most in each."""
    rest: Any = rows
    while True:
        next_ = select(fact.c.row_no).where(rest).order_by(fact.c.row_no).limit(PIECE).subquery("next_rows")
        first, last = connection.execute(select(func.min(next_.c.row_no), func.max(next_.c.row_no))).one()
        if last is None:
            return
        yield and_(rows, fact.c.row_no.between(first, last))
        rest = and_(rows, fact.c.row_no > last)
