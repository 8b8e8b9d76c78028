"""What a commit makes of the records of a load: rows, rollups, counts, offsets."""

from decimal import Decimal

import pytest

from sql.counts import SourceRead
from sql.errors import CountMismatch
from sql.ledger import Ledger
from sql.rollup import differences
from tests.lab.ledger.scratch import Loader, Record, Scratch
from tests.lab.ledger.toy import DRAWS, PLANS


def draw(row: int, city: str | None, number: int, prize: str | None, source: int = 1) -> Record:
    return Record(source, row, {"city": city, "number": number, "prize": prize})


def plan(row: int, name: str, day: str, kind: str | None, price: str, source: int = 1) -> Record:
    return Record(source, row, {"plan": name, "changed_on": day, "kind": kind, "price": price})


def assert_rollups_fit(ledger: Ledger) -> None:
    with ledger.engine.connect() as connection:
        assert {c.feed: differences(connection, c) for c in (DRAWS, PLANS)} == {"toy_draw": {}, "toy_plan": {}}


def test_appended_rows_are_summed_once(loader: Loader, ledger: Ledger, scratch: Scratch) -> None:
    first = [draw(1, "Lyon", 7, "1.50"), draw(2, "Lyon", 8, None), draw(3, None, 12, "2.00"), draw(4, "Lyon", 99, "9")]
    assert loader.load("toy_draw", first).loaded == 4
    again = loader.load("toy_draw", [*first, draw(5, "Lyon", 9, "0.50"), draw(5, "Lyon", 9, "0.50")])
    assert (again.read, again.loaded, again.updated, again.duplicates, again.quarantined) == (6, 1, 0, 5, 0)
    assert scratch.rows("SELECT * FROM toy_draw_by_city ORDER BY city, tens") == [
        ("", 1, 1, Decimal("2.00")),
        ("Lyon", 0, 3, Decimal("2.00")),
    ]
    assert ledger.committed_offsets("toy_draw") == {0: 10}
    assert scratch.rows(
        "SELECT read_count, loaded, updated, duplicates, quarantined, table_rows FROM pipeline_feed"
        " WHERE feed = 'toy_draw'"
    ) == [(10, 5, 0, 5, 0, 5)]
    assert_rollups_fit(ledger)
