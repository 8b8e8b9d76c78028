"""Upsert feeds: of the records in staging the newest per key goes into the fact table, and the rollups follow it.

Newest: by the publisher's date (`newest_by`), then by what was sent later (sql.ledger.versions), then by the larger
source, then by the larger row. That order is total, so the result does not depend on the order in which records arrive.
"""

from typing import Any

from sqlalchemy import Connection, Table, and_, delete, func, literal_column, or_, select, tuple_
from sqlalchemy.dialects.mysql import insert

from millrace.contract.contract import Contract
from sql.ledger import rollup, versions
from sql.schema.feed_tables import fact_table, staging_table


def merge(connection: Connection, contract: Contract, load_id: int) -> dict[int, tuple[int, int]]:
    """Merge the load's staging rows, and empty them; per source the rows that are new and those that replaced one."""
    fact, staging = fact_table(contract), staging_table(contract)
    mine = staging.c.load_id == load_id
    connection.execute(delete(staging).where(mine, *_beaten_in_load(contract, staging, load_id)))
    connection.execute(delete_older(contract, load_id))
    counts = _count(connection, contract, fact, staging, load_id)
    old = select_old(contract, load_id).subquery("old_rows")
    new = select(staging).where(mine).subquery("new_rows")
    rollup.subtract(connection, contract, old)
    rollup.add(connection, contract, new)
    rollup.drop_empty(connection, contract, old)
    connection.execute(_write(fact, staging, load_id))
    connection.execute(delete(staging).where(mine))
    return counts


def delete_older(contract: Contract, load_id: int) -> Any:
    """The statement that takes out of staging what the fact table has in a version that is no older."""
    fact, staging = fact_table(contract), staging_table(contract)
    is_older = and_(_same_key(contract, fact, staging), ~_is_newer(contract, staging, fact))
    return delete(staging).where(staging.c.load_id == load_id, is_older).prefix_with(_by_key(staging, fact))


def select_old(contract: Contract, load_id: int) -> Any:
    """The facts that the load's rows will take the place of."""
    fact, staging = fact_table(contract), staging_table(contract)
    both = staging.join(fact, _same_key(contract, fact, staging))
    return select(fact).select_from(both).where(staging.c.load_id == load_id).prefix_with(_by_key(staging, fact))


def _by_key(staging: Table, fact: Table) -> str:
    """Each row of staging looks its key up.

    MySQL counts a table some time after it was filled: until then it takes one of fifty thousand rows for empty, and
    would read all of it for every row of the load.
    """
    return f"/*+ JOIN_ORDER({staging.name}, {fact.name}) INDEX({fact.name} PRIMARY) */"


def _beaten_in_load(contract: Contract, staging: Table, load_id: int) -> list[Any]:
    rows, version = versions.with_version(staging, contract.feed)
    newest = (staging.c[str(contract.newest_by)], version, staging.c.source_id, staging.c.row_no)
    order = [column.desc() for column in newest]
    rank_no = func.row_number().over(
        partition_by=[staging.c[name] for name in contract.key],
        order_by=[*order, staging.c.kafka_partition, staging.c.kafka_offset],
    )
    ranked = (
        select(staging.c.kafka_partition, staging.c.kafka_offset, rank_no.label("rank_no"))
        .select_from(rows)
        .where(staging.c.load_id == load_id)
        .subquery("ranked")
    )
    return [
        staging.c.kafka_partition == ranked.c.kafka_partition,
        staging.c.kafka_offset == ranked.c.kafka_offset,
        ranked.c.rank_no > 1,
    ]


def _same_key(contract: Contract, one: Table, other: Table) -> Any:
    return and_(*(one.c[name] == other.c[name] for name in contract.key))


def _is_newer(contract: Contract, one: Table, other: Table) -> Any:
    date = str(contract.newest_by)
    records = [(versions.of_record(t, contract.feed), t.c.source_id, t.c.row_no) for t in (one, other)]
    later = tuple_(*records[0]) > tuple_(*records[1])
    is_other = or_(one.c.source_id != other.c.source_id, one.c.row_no != other.c.row_no)
    return or_(one.c[date] > other.c[date], and_(one.c[date] == other.c[date], is_other, later))


def _count(
    connection: Connection, contract: Contract, fact: Table, staging: Table, load_id: int
) -> dict[int, tuple[int, int]]:
    updated = func.count(fact.c.load_id)
    query = (
        select(staging.c.source_id, func.count() - updated, updated)
        .select_from(staging.outerjoin(fact, _same_key(contract, fact, staging)))
        .where(staging.c.load_id == load_id)
        .group_by(staging.c.source_id)
        .prefix_with(_by_key(staging, fact))
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
