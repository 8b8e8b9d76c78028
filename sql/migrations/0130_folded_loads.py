"""Old loads are folded into one row a day, so that the ledger stays small in a lab that is left on."""

from sql.script import run_sql_beside

revision = "0130"
down_revision = "0120"


def upgrade() -> None:
    run_sql_beside(__file__)
