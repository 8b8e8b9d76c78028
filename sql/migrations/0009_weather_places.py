"""Cities of the weather, and the outline of Europe."""

from sql.script import run_sql_beside

revision = "0009"
down_revision = "0006"


def upgrade() -> None:
    run_sql_beside(__file__)
