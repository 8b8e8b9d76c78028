"""A third of the points that draw Europe's coasts and borders."""

from sql.script import run_sql_beside

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    run_sql_beside(__file__)
