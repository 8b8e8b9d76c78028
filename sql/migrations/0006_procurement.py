"""Public contracts: tables, code lists, an outline of France, views."""

from sql.script import run_sql_beside

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    run_sql_beside(__file__)
