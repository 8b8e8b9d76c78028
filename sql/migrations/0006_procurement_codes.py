"""What codes and flags of public contracts mean."""

from sql.script import run_sql_beside

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    run_sql_beside(__file__)
