"""A flag for contracts whose year cannot be."""

from sql.script import run_sql_beside

revision = "0140"
down_revision = "0130"


def upgrade() -> None:
    run_sql_beside(__file__)
