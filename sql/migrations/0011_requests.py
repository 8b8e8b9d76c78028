"""What the kafka machine asks the stream for, and what its producers tell people."""

from sql.script import run_sql_beside

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    run_sql_beside(__file__)
