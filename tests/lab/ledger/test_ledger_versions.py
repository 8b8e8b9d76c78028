"""Which version of a source counts: by the numbers that its events carry, whatever clocks say or comes first."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from millrace.settings import Settings
from spark.jobs.committed_loads import Ledger as LakeLedger
from sql.ledger.ledger import Ledger
from sql.ledger.replace import Replacement
from sql.ledger.rollup import differences
from tests.lab.ledger.commit.test_ledger_commit import assert_rollups_fit, draw, numbers, plan
from tests.lab.ledger.scratch import Loader, Record, Scratch, later
from tests.lab.ledger.toy import DRAWS, PLANS

A, B, C = 1, 2, 3
OPEN = "SELECT feed, source_id, row_no FROM quarantine WHERE resolved_at IS NULL ORDER BY 1, 2, 3"
REFUSED = 2


def rows(source: int, version: int, refused: bool = True) -> list[Record]:
    """A file's two records, of which the second is refused."""
    good = replace(draw(1, "Lyon", source, "1.00", source=source), version=version)
    return [good, Record(source, REFUSED, refused=True, version=version)] if refused else [good]


def takes_place(old: int, new: int, version: int, minutes: int = 0) -> Replacement:
    return Replacement(old, new, later(minutes), version)


def test_what_was_refused_is_refused_again_when_its_replaced_source_comes_back(
    loader: Loader, ledger: Ledger, scratch: Scratch
) -> None:
    assert numbers(loader.load("toy_draw", rows(A, 1))) == (2, 1, 0, 0, 1)
    assert numbers(loader.load("toy_draw", rows(B, 2, refused=False), takes_place(A, B, 2))) == (1, 1, 0, 0, 0)
    assert scratch.rows(OPEN) == []
    assert numbers(loader.load("toy_draw", rows(A, 3), takes_place(B, A, 3))) == (2, 1, 0, 0, 1)
    assert scratch.rows(OPEN) == [("toy_draw", A, REFUSED)]
    assert numbers(loader.load("toy_draw", rows(A, 3))) == (2, 0, 0, 2, 0)
    assert scratch.rows("SELECT source_id, row_no FROM quarantine") == [(A, REFUSED)]
    assert scratch.rows("SELECT source_id, row_no FROM toy_draw") == [(A, 1)]
    assert_rollups_fit(ledger)


def test_late_records_of_a_replaced_source_are_in_no_list(loader: Loader, scratch: Scratch) -> None:
    loader.load("toy_draw", rows(B, 2, refused=False), takes_place(A, B, 2))
    assert numbers(loader.load("toy_draw", rows(A, 1))) == (2, 0, 0, 2, 0)
    assert scratch.rows("SELECT source_id FROM toy_draw") == [(B,)]
    assert scratch.rows("SELECT * FROM quarantine") == []


def test_an_identity_belongs_to_its_feed(loader: Loader, scratch: Scratch) -> None:
    """Both feeds refuse a record of one name, and have a source of one name, of which one is replaced."""
    good = plan((A, 1), "P", "2026-01-01", "tin", "1.00")
    assert numbers(loader.load("toy_draw", rows(A, 1))) == (2, 1, 0, 0, 1)
    of_plans = [replace(good, version=1), Record(A, REFUSED, refused=True, version=1)]
    assert numbers(loader.load("toy_plan", of_plans)) == (2, 1, 0, 0, 1)
    assert scratch.rows(OPEN) == [("toy_draw", A, REFUSED), ("toy_plan", A, REFUSED)]
    loader.load("toy_draw", rows(B, 2, refused=False), takes_place(A, B, 2))
    assert scratch.rows(OPEN) == [("toy_plan", A, REFUSED)]
    assert numbers(loader.load("toy_plan", of_plans)) == (2, 0, 0, 2, 0)
    assert scratch.rows("SELECT source_id FROM toy_plan") == [(A,)]
    assert numbers(loader.load("toy_plan", [replace(good, row=3, values=good.values | {"plan": "Q"})])).count(0) == 3


def test_the_lake_learns_of_every_source_that_left_also_of_one_that_came_back(
    loader: Loader, migrated: Settings
) -> None:
    loader.load("toy_draw", rows(A, 1))
    first = loader.load("toy_draw", rows(B, 2, refused=False), takes_place(A, B, 2)).load_id
    second = loader.load("toy_draw", rows(A, 3), takes_place(B, A, 3)).load_id
    lake = LakeLedger(migrated)
    assert lake.replaced("toy_draw", 0) == {A: first, B: second}
    assert lake.replaced("toy_draw", first) == {B: second}
    end = lake.end("toy_draw")
    assert end is not None and (end.load_id, end.replaced_through) == (second, second)
    loader.load("toy_draw", rows(A, 3), takes_place(B, A, 3))
    assert lake.replaced("toy_draw", 0) == {A: first, B: second}


def test_a_source_counts_again_although_the_clock_was_set_back(
    loader: Loader, ledger: Ledger, scratch: Scratch
) -> None:
    loader.load("toy_draw", rows(A, 1, refused=False))
    loader.load("toy_draw", [replace(row, sent_at=later(60)) for row in rows(B, 2)], takes_place(A, B, 2, 60))
    again = [replace(row, sent_at=later(-60)) for row in rows(A, 3)]
    assert numbers(loader.load("toy_draw", again)) == (2, 1, 0, 0, 1)
    assert scratch.rows("SELECT source_id FROM toy_draw ORDER BY 1") == [(A,), (B,)]
    assert_rollups_fit(ledger)


def test_a_source_that_took_the_place_of_two_in_one_load(loader: Loader, scratch: Scratch) -> None:
    loader.load("toy_draw", [*rows(B, 2, refused=False), *rows(C, 4, refused=False)])
    assert numbers(loader.load("toy_draw", rows(A, 5), takes_place(B, A, 3), takes_place(C, A, 5))) == (2, 1, 0, 0, 1)
    assert scratch.rows("SELECT source_id FROM toy_draw") == [(A,)]


def test_many_rows_leave_piece_by_piece(
    loader: Loader, ledger: Ledger, scratch: Scratch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sql.ledger.replace.PIECE", 3)
    loader.load("toy_draw", [draw(row, "Lyon", row, "1.00") for row in (-2, 0, 1, 2, 5, 9, 10)])
    loader.load("toy_draw", [draw(7, "Nice", 7, "1.00", source=C)])
    plans = [plan(row, f"P{row}", "2026-01-01", "tin", "1.00") for row in range(7)]
    loader.load("toy_plan", [*plans, plan((C, 1), "P9", "2026-01-01", "tin", "1.00")])
    for feed, new in (
        ("toy_draw", draw(1, "Lyon", 5, "1", B)),
        ("toy_plan", plan((B, 1), "P1", "2025-01-01", "x", "1")),
    ):
        loader.load(feed, [replace(new, version=10**13)], takes_place(A, B, 10**13))
        assert scratch.rows(f"SELECT source_id FROM {feed} ORDER BY 1") == [(B,), (C,)]
        assert scratch.one(f"SELECT table_rows FROM pipeline_feed WHERE feed = '{feed}'") == 2
    assert_rollups_fit(ledger)


SENDINGS = st.lists(st.tuples(st.sampled_from([A, B, C]), st.booleans()), min_size=1, max_size=4)
ANY_ORDER = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))


@ANY_ORDER
@given(data=st.data(), sendings=SENDINGS)
def test_what_counts_in_the_end_does_not_depend_on_what_comes_first(
    loader: Loader, scratch: Scratch, data: st.DataObject, sendings: list[tuple[int, bool]]
) -> None:
    """Files of one name, each sent as new or in the newest one's place, their records read in any order."""
    for table in ("toy_draw", "toy_draw_by_city", "pipeline_load_source", "pipeline_load", "pipeline_feed"):
        scratch.run(f"DELETE FROM {table}")
    for table in ("pipeline_source", "pipeline_replaced", "quarantine"):
        scratch.run(f"DELETE FROM {table}")
    loader.open("toy_draw")
    counts: set[int] = set()
    newest = 0
    sent: list[tuple[Record, list[Replacement]]] = []
    for version, (source, takes) in enumerate(sendings, start=1):
        claims = [takes_place(newest, source, version)] if takes and newest not in (0, source) else []
        counts = (counts - {claim.old for claim in claims}) | {source}
        sent += [(record, claims) for record in rows(source, version)]
        newest = source
    order = data.draw(st.permutations(range(len(sent))))
    while order:
        load = [sent[number] for number in order[: data.draw(st.integers(1, 4))]]
        order = order[len(load) :]
        loader.load("toy_draw", [record for record, _ in load], *(claim for _, claims in load for claim in claims))
    assert scratch.rows("SELECT source_id, row_no FROM toy_draw ORDER BY 1") == [
        (source, 1) for source in sorted(counts)
    ]
    assert scratch.rows(OPEN) == [("toy_draw", source, REFUSED) for source in sorted(counts)]
    with scratch.engine.connect() as connection:
        assert differences(connection, DRAWS) == {}


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (2, 0, 3, 1), (1, 3, 0, 2)])
def test_of_one_day_the_later_version_wins(
    loader: Loader, ledger: Ledger, scratch: Scratch, order: tuple[int, ...]
) -> None:
    """Corrected publications: their sources are digests, whose order says nothing."""
    sources = (7, 3, 9, 5)
    sent = [
        replace(plan((source, 1), "A", "2026-01-01", "tin", f"{version}.00"), version=version)
        for version, source in enumerate(sources, start=1)
    ]
    for number in order:
        loader.load("toy_plan", [sent[number]])
    assert scratch.rows("SELECT source_id, price FROM toy_plan") == [(5, Decimal("4.00"))]
    assert numbers(loader.load("toy_plan", [sent[0], sent[3]])) == (2, 0, 0, 2, 0)
    as_new = loader.load("toy_plan", [replace(sent[0], version=5)])
    assert numbers(as_new) == (1, 0, 1, 0, 0)
    assert numbers(loader.load("toy_plan", [sent[3]])) == (1, 0, 0, 1, 0)
    assert scratch.rows("SELECT source_id, price FROM toy_plan") == [(7, Decimal("1.00"))]
    assert_rollups_fit(ledger)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2)])
def test_a_typed_correction_is_as_late_as_it_was_typed(
    loader: Loader, scratch: Scratch, order: tuple[int, ...]
) -> None:
    """It names no version; those of files are never less than the clock's milliseconds."""
    noon = 1_767_268_800_000
    typed = [
        replace(plan((console, row), "A", "2026-01-01", kind, "1.00"), sent_at=later(minutes))
        for console, row, kind, minutes in ((1, 5, "before", -5), (9, 2, "after", 5))
    ]
    file = replace(plan((B, 1), "A", "2026-01-01", "file", "1.00"), version=noon, sent_at=later(60))
    for number in order:
        loader.load("toy_plan", [(*typed, file)[number]])
    assert scratch.rows("SELECT kind FROM toy_plan") == [("after",)]
    assert numbers(loader.load("toy_plan", [replace(typed[1], sent_at=later(90))])) == (1, 0, 0, 1, 0)
    assert PLANS.newest_by == "changed_on"
