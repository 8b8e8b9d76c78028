"""The feed's migration: its tables as the contract asks for them, and the view that people and dashboards read."""

from dataclasses import dataclass

from millrace.contract.contract import Contract
from sql.migrate import revisions
from sql.schema.ddl import ddl
from sql.schema.feed_tables import fact_table

PYTHON = '''"""The feed {feed}: facts{staging}, rollup, view."""

from sql.script import run_sql_beside

revision = "{number}"
down_revision = "{before}"


def upgrade() -> None:
    run_sql_beside(__file__)
'''


@dataclass(frozen=True)
class Migration:
    """The two files of a migration: `name`.py and `name`.sql."""

    name: str
    python: str
    sql: str


def migration(contract: Contract) -> Migration:
    """With the next free number."""
    before = revisions()[-1]
    number = f"{int(before) + 1:04}"
    staging = ", staging" if contract.mode == "upsert" else ""
    return Migration(
        f"{number}_{contract.feed}",
        PYTHON.format(feed=contract.feed, staging=staging, number=number, before=before),
        f"-- The feed {contract.feed}. Made from its contract with `python -m lab ddl {contract.feed}`.\n\n"
        f"{ddl(contract)}\n{view(contract)}",
    )


def view(contract: Contract) -> str:
    """Committed rows only: a load that is still being written has a higher number."""
    names = [f"  fact.{column.name}" for column in fact_table(contract).columns]
    return (
        "-- Committed rows only: a load that is still being written has a higher number.\n"
        f"CREATE OR REPLACE SQL SECURITY INVOKER VIEW v_{contract.feed} AS\n"
        "SELECT\n" + ",\n".join(names) + f"\nFROM {contract.feed} AS fact\n"
        f"JOIN pipeline_feed AS feed ON feed.feed = '{contract.feed}'\n"
        "WHERE fact.load_id <= feed.committed_load_id;\n"
    )
