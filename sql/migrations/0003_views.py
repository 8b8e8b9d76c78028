"""What people read of the ledger."""

from sql.script import run_sql_beside

revision = "0003"
down_revision = "0001"


def upgrade() -> None:
    run_sql_beside(__file__)
