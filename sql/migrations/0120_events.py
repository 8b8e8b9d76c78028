"""What has happened to the lab; what was told for a day of feeds' topics is part of it."""

from sql.script import run_sql_beside

revision = "0120"
down_revision = "0110"


def upgrade() -> None:
    run_sql_beside(__file__)
