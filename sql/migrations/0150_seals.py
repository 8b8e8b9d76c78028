"""From where on records must be sealed; in a lab that has read nothing yet, all of them."""

from sql.script import run_sql_beside

revision = "0150"
down_revision = "0140"


def upgrade() -> None:
    run_sql_beside(__file__)
