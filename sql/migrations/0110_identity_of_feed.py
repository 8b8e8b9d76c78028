"""An identity belongs to its feed, and versions of a source are ordered by numbers, not by clocks."""

from sql.script import run_sql_beside

revision = "0110"
down_revision = "0102"


def upgrade() -> None:
    run_sql_beside(__file__)
