"""Facts, rollups and ledger are compared at one moment; every kind of difference is found."""

import pytest
from sqlalchemy import Engine

from sql.engine import connect
from sql.ledger.ledger import Ledger
from sql.ledger.replace import Replacement
from sql.verify import Comparison, verify
from tests.lab.ledger.commit.test_ledger_commit import draw, plan
from tests.lab.ledger.scratch import Loader, Scratch, account, later
from tests.lab.ledger.toy import TOYS


@pytest.fixture
def full(loader: Loader, ledger: Ledger) -> Engine:
    """Both feeds with rows, a replaced source among them, and a load that is still pending."""
    loader.load("toy_draw", [draw(n, "Lyon", n * 10, "1.50") for n in range(1, 8)])
    loader.load("toy_draw", [draw(1, "Nice", 3, "1", source=2)], Replacement(1, 2, later(1)))
    loader.load("toy_plan", [plan((5, 1), "A", "2026-01-01", "x", "1"), plan((5, 2), "B", "2026-01-01", "y", "2")])
    loader.load("toy_plan", [plan((5, 3), "B", "2026-02-01", "y", "3")])
    pending = loader.begin("toy_draw", 1)
    loader.write(pending, "toy_draw", [draw(2, "Nice", 30, "1", source=2)])
    return connect(account("reader"))


def checks(engine: Engine) -> list[Comparison]:
    with engine.connect() as connection:
        return list(verify(connection, dict(TOYS)))


def test_what_is_right_is_right(full: Engine) -> None:
    assert checks(full) == [
        Comparison("toy_draw", "facts", 1, 0),
        Comparison("toy_draw", "toy_draw_by_city", 1, 0),
        Comparison("toy_plan", "facts", 2, 0),
        Comparison("toy_plan", "toy_plan_by_kind", 2, 0),
    ]


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        ("UPDATE toy_draw_by_city SET draws = draws + 1", ("toy_draw_by_city", 2)),
        ("DELETE FROM toy_plan_by_kind LIMIT 1", ("toy_plan_by_kind", 1)),
        ("DELETE FROM toy_draw WHERE source_id = 2 AND row_no = 1", ("facts", 1)),
        ("UPDATE pipeline_load SET loaded = loaded + 1 WHERE feed = 'toy_plan' LIMIT 1", ("facts", 2)),
        ("UPDATE pipeline_feed SET table_rows = 9 WHERE feed = 'toy_plan'", ("facts", 7)),
    ],
)
def test_a_difference_is_found(full: Engine, scratch: Scratch, damage: str, found: tuple[str, int]) -> None:
    scratch.run(damage)
    assert found in [(check.what, check.differing) for check in checks(full) if not check.right]
