"""Quarantine at commit: a refused record that is loaded after all is a duplicate or resolved, never both in and out."""

from typing import Any

from sqlalchemy import Connection, and_, delete, func, select, update

from millrace.contract.contract import Contract
from sql.schema.feed_tables import fact_table, load_table
from sql.schema.ledger_tables import quarantine


def settle(connection: Connection, contract: Contract, load_id: int) -> dict[int, int]:
    """Bring quarantine in order with what the load brings; per source, the records refused for the first time.

    Call it while staging still has the load's records.
    """
    _resolve(connection, contract, load_id)
    if not (counts := _count(connection, load_id)):
        return counts
    _drop_known(connection, contract, load_id)
    return _count(connection, load_id)


def _drop_known(connection: Connection, contract: Contract, load_id: int) -> None:
    """Forget the load's refusals of records that the fact table has already: they were sent again, no more."""
    fact = fact_table(contract)
    connection.execute(delete(quarantine).where(quarantine.c.load_id == load_id, _same_record(fact)))


def _resolve(connection: Connection, contract: Contract, load_id: int) -> None:
    """Mark earlier refusals of records that this load has taken in."""
    still = and_(
        quarantine.c.feed == contract.feed,
        quarantine.c.resolved_load_id.is_(None),
        quarantine.c.load_id < load_id,
    )
    if connection.scalar(select(quarantine.c.load_id).where(still).limit(1)) is None:
        return
    target = load_table(contract)
    rows = target.c
    # The span of rows keeps this cheap: few sources, a range of the quarantine's primary key each.
    spans = (
        select(rows.source_id, func.min(rows.row_no).label("first"), func.max(rows.row_no).label("last"))
        .where(rows.load_id == load_id)
        .group_by(rows.source_id)
        .subquery("spans")
    )
    near = and_(quarantine.c.source_id == spans.c.source_id, quarantine.c.row_no.between(spans.c.first, spans.c.last))
    taken = and_(rows.load_id == load_id, _same_record(target))
    values = {quarantine.c.resolved_load_id: load_id, quarantine.c.resolved_at: func.now(3)}
    connection.execute(update(quarantine).where(still, near, taken).values(values))


def _count(connection: Connection, load_id: int) -> dict[int, int]:
    query = (
        select(quarantine.c.source_id, func.count())
        .where(quarantine.c.load_id == load_id)
        .group_by(quarantine.c.source_id)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def _same_record(table: Any) -> Any:
    return and_(table.c.source_id == quarantine.c.source_id, table.c.row_no == quarantine.c.row_no)
