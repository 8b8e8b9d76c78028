"""REPLACE=1: an older version of a source leaves tables and rollups in the transaction that brings the newer one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, and_, delete, func, or_, select, update
from sqlalchemy.dialects.mysql import insert

from millrace.contract.contract import Contract
from sql.ledger import rollup
from sql.schema.feed_tables import fact_table, load_table
from sql.schema.ledger_tables import quarantine, replaced


@dataclass(frozen=True)
class Replacement:
    """A source that takes an older one's place, as the first record of the newer says; `sent_at` is UTC."""

    old: int
    new: int
    sent_at: datetime


def note(connection: Connection, feed: str, load_id: int, replacements: Iterable[Replacement]) -> None:
    """Remember which sources were replaced, in the order they were; one that comes back is no longer replaced."""
    for item in sorted(replacements, key=lambda item: item.sent_at):
        values = {"feed": feed, "replaced_by": item.new, "replaced_at": item.sent_at, "load_id": load_id}
        statement = insert(replaced).values(source_id=item.old, **values)
        connection.execute(statement.on_duplicate_key_update(values))
        connection.execute(delete(replaced).where(replaced.c.source_id == item.new))


def remove(connection: Connection, contract: Contract, load_id: int, sources: Sequence[int]) -> int:
    """Take out the rows of replaced sources; how many committed rows left the fact table.

    Rows of the load itself are only deleted (they are in no rollup yet): the topic's partitions are read at
    different speeds, so the last records of an old version may come after the first of the newer one.
    """
    noted = and_(replaced.c.feed == contract.feed, replaced.c.load_id == load_id)
    query = select(replaced.c.source_id, noted.label("noted")).where(or_(noted, replaced.c.source_id.in_(sources)))
    found = connection.execute(query).all()
    if not found:
        return 0
    old = [row.source_id for row in found if row.noted]
    target = load_table(contract)
    connection.execute(delete(target).where(target.c.load_id == load_id, _is_replaced(target)))
    return _remove_committed(connection, contract, load_id, old)


def _remove_committed(connection: Connection, contract: Contract, load_id: int, old: Sequence[int]) -> int:
    fact = fact_table(contract)
    leaving = and_(fact.c.source_id.in_(old), fact.c.load_id < load_id, _is_replaced(fact))
    rows = select(fact).join(replaced, replaced.c.source_id == fact.c.source_id).where(leaving).subquery("leaving")
    rollup.subtract(connection, contract, rows)
    rollup.drop_empty(connection, contract, rows)
    resolved = {"resolved_load_id": load_id, "resolved_at": func.now(3)}
    refused = and_(quarantine.c.source_id.in_(old), quarantine.c.resolved_load_id.is_(None))
    connection.execute(update(quarantine).where(refused, quarantine.c.load_id < load_id).values(resolved))
    return connection.execute(delete(fact).where(leaving)).rowcount


def _is_replaced(table: Table) -> Any:
    in_time = or_(table.c.sent_at.is_(None), table.c.sent_at <= replaced.c.replaced_at)
    return and_(table.c.source_id == replaced.c.source_id, in_time)
