"""Quarantine at commit: a refused record is in the list once, and never while it is in the table.

Each load brings all that it refused, as its own entries: only the commit knows what is there already. Of a record that
was settled before, because it was loaded or its source replaced, the newer entry takes the older one's place.
"""

from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, func, select, update

from millrace.contract.contract import Contract
from sql.schema.feed_tables import fact_table, load_target
from sql.schema.ledger_tables import quarantine


def settle(connection: Connection, contract: Contract, load_id: int) -> dict[int, int]:
    """Bring quarantine in order with what the load brings; per source, the refused records that are new in the list.

    Call it while staging still has the load's records, and no longer those of replaced sources.
    """
    _resolve(connection, contract, load_id)
    if not (counts := _count(connection, load_id)):
        return counts
    _drop_known(connection, contract, load_id)
    _drop_settled(connection, load_id)
    return _count(connection, load_id)


def _drop_known(connection: Connection, contract: Contract, load_id: int) -> None:
    """Forget the load's refusals of records that table or list have already: they were sent again, no more."""
    mine = quarantine.c.load_id == load_id
    connection.execute(delete(quarantine).where(mine, _same_record(fact_table(contract))))
    earlier = quarantine.alias("earlier")
    is_open = and_(earlier.c.load_id < load_id, earlier.c.resolved_load_id.is_(None))
    connection.execute(delete(quarantine).where(mine, is_open, _same_entry(earlier)))


def _drop_settled(connection: Connection, load_id: int) -> None:
    """Forget earlier entries of what the load has refused."""
    newer = quarantine.alias("newer")
    is_newer = and_(newer.c.load_id == load_id, quarantine.c.load_id < load_id)
    connection.execute(delete(quarantine).where(is_newer, _same_entry(newer)))


def _resolve(connection: Connection, contract: Contract, load_id: int) -> None:
    """Mark earlier refusals of records that this load has taken in."""
    still = and_(
        quarantine.c.feed == contract.feed,
        quarantine.c.resolved_load_id.is_(None),
        quarantine.c.load_id < load_id,
    )
    if connection.scalar(select(quarantine.c.load_id).where(still).limit(1)) is None:
        return
    target = load_target(contract)
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


def _same_entry(other: Any) -> ColumnElement[bool]:
    return and_(other.c.feed == quarantine.c.feed, _same_record(other))


def _same_record(table: Any) -> ColumnElement[bool]:
    return and_(table.c.source_id == quarantine.c.source_id, table.c.row_no == quarantine.c.row_no)
