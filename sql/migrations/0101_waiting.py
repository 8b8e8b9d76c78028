"""A feed that has records waiting and commits nothing says so."""

from sql.script import run_sql_beside

revision = "0101"
down_revision = "0100"


def upgrade() -> None:
    run_sql_beside(__file__)
