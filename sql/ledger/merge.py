"""Upsert feeds: of the records in staging the newest per key goes into the fact table, and the rollups follow it.

Newest: the publisher's date (`newest_by`), then the larger source, then the larger row. That order is total, so the
result does not depend on when or how often a record arrives.
"""

from typing import Any

from sqlalchemy import Connection, Table, and_, delete, func, literal_column, or_, select, tuple_
from sqlalchemy.dialects.mysql import insert

from millrace.contract.contract import Contract
from sql.ledger import rollup
from sql.schema.feed_tables import fact_table, staging_table


def merge(connection: Connection, contract: Contract, load_id: int) -> dict[int, tuple[int, int]]:
    """Merge the load's staging rows, and empty them; per source the rows that are new and those that replaced one."""
    fact, staging = fact_table(contract), staging_table(contract)
    mine = staging.c.load_id == load_id
    connection.execute(delete(staging).where(mine, *_beaten_in_load(contract, staging, load_id)))
    connection.execute(
        delete(staging).where(mine, _same_key(contract, fact, staging), ~_is_newer(contract, staging, fact))
    )
    counts = _count(connection, contract, fact, staging, load_id)
    old = select(fact).join(staging, _same_key(contract, fact, staging)).where(mine).subquery("old_rows")
    new = select(staging).where(mine).subquery("new_rows")
    rollup.subtract(connection, contract, old)
    rollup.add(connection, contract, new)
    rollup.drop_empty(connection, contract, old)
    connection.execute(_write(fact, staging, load_id))
    connection.execute(delete(staging).where(mine))
    return counts


def _beaten_in_load(contract: Contract, staging: Table, load_id: int) -> list[Any]:
    order = [staging.c[str(contract.newest_by)].desc(), staging.c.source_id.desc(), staging.c.row_no.desc()]
    place = func.row_number().over(
        partition_by=[staging.c[name] for name in contract.key],
        order_by=[*order, staging.c.kafka_partition, staging.c.kafka_offset],
    )
    ranked = (
        select(staging.c.kafka_partition, staging.c.kafka_offset, place.label("place"))
        .where(staging.c.load_id == load_id)
        .subquery("ranked")
    )
    return [
        staging.c.kafka_partition == ranked.c.kafka_partition,
        staging.c.kafka_offset == ranked.c.kafka_offset,
        ranked.c.place > 1,
    ]


def _same_key(contract: Contract, one: Table, other: Table) -> Any:
    return and_(*(one.c[name] == other.c[name] for name in contract.key))


def _is_newer(contract: Contract, one: Table, other: Table) -> Any:
    version = str(contract.newest_by)
    later_identity = tuple_(one.c.source_id, one.c.row_no) > tuple_(other.c.source_id, other.c.row_no)
    return or_(one.c[version] > other.c[version], and_(one.c[version] == other.c[version], later_identity))


def _count(
    connection: Connection, contract: Contract, fact: Table, staging: Table, load_id: int
) -> dict[int, tuple[int, int]]:
    updated = func.count(fact.c.load_id)
    query = (
        select(staging.c.source_id, func.count() - updated, updated)
        .select_from(staging.outerjoin(fact, _same_key(contract, fact, staging)))
        .where(staging.c.load_id == load_id)
        .group_by(staging.c.source_id)
    )
    return {source: (loaded, changed) for source, loaded, changed in connection.execute(query)}


def _write(fact: Table, staging: Table, load_id: int) -> Any:
    names = [column.name for column in fact.columns]
    winners = select(*(staging.c[name] for name in names)).where(staging.c.load_id == load_id).subquery("winners")
    statement = insert(fact).from_select(names, select(*(winners.c[name] for name in names)))
    keys = set(fact.primary_key.columns.keys())
    return statement.on_duplicate_key_update(
        {name: literal_column(f"winners.{name}") for name in names if name not in keys}
    )
