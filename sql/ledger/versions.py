"""Versions of a feed's sources: which of two is the later one, whatever clocks say and in whatever order they arrive.

Events of a file carry the number of its version, which their producer gives and never takes back. A source whose events
carry none is as late as its records were sent. Such times are counted in milliseconds since 1970, and a number is never
less than its producer's clock, so that both can be compared.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, Table, and_, func, literal_column, select, text
from sqlalchemy.dialects.mysql import insert

from sql.ledger.counts import SourceRead
from sql.schema.ledger_tables import source

EPOCH = datetime(1970, 1, 1)  # UTC without saying so, as all times of the ledger


def from_time(moment: datetime) -> int:
    """What counts for a record that names no version; `moment` is UTC."""
    return (moment - EPOCH) // (datetime.resolution * 1000)


def note(connection: Connection, feed: str, load_id: int, reads: Iterable[SourceRead]) -> None:
    """Enter the newest version of every source that the load has read of, before anything is compared."""
    rows = [
        {"feed": feed, "source_id": read.source_id, "origin": read.origin, "load_id": load_id}
        | {"version": read.version, "newest_sent_at": read.newest_sent_at}
        for read in reads
    ]
    if not rows:
        return
    new = insert(source).values(rows)
    newest = {name: _greatest(source.c[name], new.inserted[name]) for name in ("version", "newest_sent_at")}
    connection.execute(new.on_duplicate_key_update(**newest, load_id=load_id))


def of_source() -> ColumnElement[int]:
    """In a query over pipeline_source: how late the source is; 0 where it was never read."""
    return func.coalesce(source.c.version, _sql_from_time(source.c.newest_sent_at), 0)


def of_record(table: Table, feed: str) -> ColumnElement[int]:
    """How late a record in a feed's table is: as its source, else as it was sent."""
    its_source = source.alias()
    same = (its_source.c.feed == feed, its_source.c.source_id == table.c.source_id)
    named = select(its_source.c.version).where(*same).correlate(table).scalar_subquery()
    return func.coalesce(named, _sql_from_time(table.c.sent_at), 0)


def with_version(table: Table, feed: str) -> tuple[FromClause, ColumnElement[int]]:
    """The table's rows joined with their sources, and how late each is: cheaper where every row is asked."""
    same = and_(source.c.feed == feed, source.c.source_id == table.c.source_id)
    late = func.coalesce(source.c.version, _sql_from_time(table.c.sent_at), 0)
    return table.outerjoin(source, same), late


def _greatest(known: Any, new: Any) -> Any:
    """The greater one; either may be NULL."""
    return func.greatest(func.coalesce(known, new), func.coalesce(new, known))


def _sql_from_time(moment: ColumnElement[Any]) -> ColumnElement[int]:
    microseconds = func.timestampdiff(text("MICROSECOND"), literal_column("'1970-01-01'"), moment)
    return microseconds.op("DIV")(1000)
