"""Rollups: sums per key, changed by what a load adds and takes away, so that they always equal GROUP BY over the facts.

The sums are whole numbers and decimals, therefore adding and taking away is exact. A key whose last row has gone leaves
its rollup, as its count measure shows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, FromClause, Select, Table, and_, func, literal_column, select, text
from sqlalchemy.dialects.mysql import dialect, insert

from millrace.contract.contract import Contract
from millrace.contract.rollup import Rollup
from sql.schema.feed_tables import count_measure, fact_table, rollup_table
from sql.schema.ledger_tables import feed_table


@dataclass(frozen=True)
class Summed:
    """What a load's tasks have summed up for one rollup: of how many rows, and a JSON list of the rollup's rows.

    Every value is a text, as MySQL reads it.
    """

    rows: int
    listed: str


NO_SUMS: Mapping[str, Summed] = MappingProxyType({})


def add(connection: Connection, contract: Contract, rows: FromClause, sums: Mapping[str, Summed] = NO_SUMS) -> None:
    """Add those rows, which have the fact's columns, to every rollup of the feed: read, unless `sums` are theirs."""
    for rollup in contract.rollups:
        if rollup.name in sums:
            listed = {"listed": sums[rollup.name].listed}
            connection.execute(add_statement(contract, rollup, _listed(contract, rollup)), listed)
        else:
            connection.execute(add_statement(contract, rollup, grouped(contract, rollup, rows)))


def subtract(connection: Connection, contract: Contract, rows: FromClause) -> None:
    """Take those rows, while they still exist, out of every rollup; `drop_empty` must follow."""
    for rollup in contract.rollups:
        connection.execute(add_statement(contract, rollup, grouped(contract, rollup, rows, sign="-")))


def drop_empty(connection: Connection, contract: Contract, rows: FromClause) -> None:
    """Delete the keys of those rows that count no row any more."""
    for rollup in contract.rollups:
        table = rollup_table(contract, rollup)
        keys = grouped(contract, rollup, rows).subquery("touched")
        same = and_(*(table.c[name] == keys.c[name] for name in rollup.key_names))
        connection.execute(table.delete().where(same, table.c[count_measure(rollup)] == 0))


def differences(connection: Connection, contract: Contract, limit: int = 20) -> dict[str, list[tuple[Any, ...]]]:
    """Per rollup that is not as it should be, its `difference`."""
    found = {rollup.name: difference(connection, contract, rollup, limit) for rollup in contract.rollups}
    return {name: rows for name, rows in found.items() if rows}


def difference(connection: Connection, contract: Contract, rollup: Rollup, limit: int = 20) -> list[tuple[Any, ...]]:
    """Rows that the rollup has and GROUP BY over the committed facts has not, or the other way round."""
    stored, computed = select(rollup_table(contract, rollup)), grouped(contract, rollup, committed(contract))
    found: list[tuple[Any, ...]] = []
    for one, other in ((stored, computed), (computed, stored)):
        found += [tuple(row) for row in connection.execute(one.except_(other).limit(limit))]
    return found


def committed(contract: Contract) -> FromClause:
    """The facts that readers see."""
    fact = fact_table(contract)
    high_water = select(feed_table.c.committed_load_id).where(feed_table.c.feed == contract.feed).scalar_subquery()
    return select(fact).where(fact.c.load_id <= high_water).subquery("committed")


def grouped(contract: Contract, rollup: Rollup, rows: FromClause, sign: str = "") -> Select[Any]:
    """The rollup of those rows: its keys and sums, in the order of its table."""
    keys = [_key(contract, key) for key in rollup.by]
    sums: list[Any] = [literal_column(f"{sign}COALESCE(SUM({m.sum}), 0)").label(m.name) for m in rollup.measures]
    conditions: list[Any] = [literal_column(f"({rollup.where})")] if rollup.where else []
    return select(*keys, *sums).select_from(rows).where(*conditions).group_by(*(key.element for key in keys))


def _listed(contract: Contract, rollup: Rollup) -> Select[Any]:
    """The rows of the JSON list `listed`; a value that its column cannot hold is an error."""
    columns = rollup_table(contract, rollup).columns
    shapes = (
        f"`{column.name}` {column.type.compile(dialect())} PATH '$[{place}]' ERROR ON EMPTY ERROR ON ERROR"
        for place, column in enumerate(columns)
    )
    rows = text(f"JSON_TABLE(:listed, '$[*]' COLUMNS ({', '.join(shapes)})) AS listed")
    listed: list[Any] = [literal_column(column.name).label(column.name) for column in columns]
    return select(*listed).select_from(rows)


def _key(contract: Contract, key: Any) -> Any:
    if not isinstance(key, str):
        return literal_column(key.sql).label(key.name)
    column = contract.column(key)
    if column.required:
        return literal_column(key).label(key)
    return func.coalesce(literal_column(key), literal_column("''")).label(key)


def add_statement(contract: Contract, rollup: Rollup, news: Select[Any]) -> Any:
    """INSERT … SELECT that adds the new sums to those that the keys have already."""
    table: Table = rollup_table(contract, rollup)
    new = news.subquery("news")
    changes: dict[str, Any] = {
        m.name: literal_column(f"{table.name}.{m.name} + news.{m.name}") for m in rollup.measures
    }
    statement = insert(table).from_select([column.name for column in table.columns], select(*new.columns))
    return statement.on_duplicate_key_update(changes)
