"""The contract that each feed's tables were made from; a contract's version is its digest."""

from sql.script import run_sql_beside

revision = "0100"
down_revision = "0012"


def upgrade() -> None:
    run_sql_beside(__file__)
