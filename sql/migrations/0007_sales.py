"""Sales of a shop: tables and views."""

from sql.script import run_sql_beside

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    run_sql_beside(__file__)
