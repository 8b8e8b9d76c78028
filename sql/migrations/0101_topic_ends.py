"""What identifies the last record of each load, and where a feed's offsets do not follow each other."""

from sql.script import run_sql_beside

revision = "0101"
down_revision = "0100"


def upgrade() -> None:
    run_sql_beside(__file__)
