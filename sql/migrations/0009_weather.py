"""The weather feed: facts, rollups, views, cities that are known by name, an outline of Europe to draw them on."""

from sql.script import run_sql_beside

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    run_sql_beside(__file__)
