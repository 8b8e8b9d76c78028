"""What people and dashboards read: committed rows only."""

from sql.script import run_sql_beside

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    run_sql_beside(__file__)
