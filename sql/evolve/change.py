"""Carries a plan out. Every step may run again after a failure in the middle: what is done is not found again."""

from sqlalchemy import Connection, MetaData, insert, select

from millrace.contract.contract import Contract
from millrace.contract.rollup import Rollup
from sql.evolve.plan import Plan
from sql.evolve.statements import alter
from sql.ledger.rollup import committed, grouped
from sql.schema.feed_tables import fact_table, rollup_table

LONGEST_NAME = 58


def carry_out(connection: Connection, plan: Plan) -> None:
    """Facts first, of which everything else is made. DDL commits; the feed must be paused, or be new."""
    quote = connection.dialect.identifier_preparer.quote
    for table in plan.anew:
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {quote(table.name)}")
        table.create(connection)
    for change in plan.alter:
        connection.exec_driver_sql(alter(change, connection.dialect))
    for rollup in plan.rebuild:
        rebuild(connection, plan.contract, rollup)
    for name in plan.gone:
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {quote(name)}")
    if plan.view or plan.alter or plan.anew:
        connection.exec_driver_sql(view(plan.contract))
    connection.commit()


def rebuild(connection: Connection, contract: Contract, rollup: Rollup) -> None:
    """Makes the rollup beside the old one, and lets it take its place at once: readers see one or the other, whole."""
    wanted = rollup_table(contract, rollup)
    new, old = (f"{rollup.name[:LONGEST_NAME]}__{which}" for which in ("new", "old"))
    for name in (new, old):
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {name}")
    table = wanted.to_metadata(MetaData(), name=new)
    table.create(connection)
    rows = grouped(contract, rollup, committed(contract))
    names = [column.name for column in table.columns]
    connection.execute(insert(table).from_select(names, select(*rows.subquery("made").columns)))
    connection.commit()
    if connection.dialect.has_table(connection, rollup.name):
        connection.exec_driver_sql(f"RENAME TABLE {rollup.name} TO {old}, {new} TO {rollup.name}")
        connection.exec_driver_sql(f"DROP TABLE {old}")
    else:
        connection.exec_driver_sql(f"RENAME TABLE {new} TO {rollup.name}")


def view(contract: Contract) -> str:
    """v_<feed>: committed rows only, since a load that is still being written has a higher number."""
    columns = ", ".join(f"fact.{column.name}" for column in fact_table(contract).columns)
    return (
        f"CREATE OR REPLACE SQL SECURITY INVOKER VIEW v_{contract.feed} AS SELECT {columns}"  # noqa: S608 - our own names
        f" FROM {contract.feed} AS fact JOIN pipeline_feed AS feed ON feed.feed = '{contract.feed}'"
        " WHERE fact.load_id <= feed.committed_load_id"
    )
