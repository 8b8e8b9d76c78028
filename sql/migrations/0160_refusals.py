"""Refused records have a bound: of the oldest of a feed only the first bytes are kept."""

from sql.script import run_sql_beside

revision = "0160"
down_revision = "0150"


def upgrade() -> None:
    run_sql_beside(__file__)
