"""What a commit makes of the records of a load: rows, rollups, counts, offsets."""

from dataclasses import replace
from decimal import Decimal

import pytest

from sql.errors import CountMismatch
from sql.ledger.commit import LoadRead
from sql.ledger.counts import LoadCounts, SourceRead
from sql.ledger.ledger import Ledger
from sql.ledger.replace import Replacement
from sql.ledger.rollup import differences
from tests.lab.ledger.scratch import Loader, Record, Scratch, later
from tests.lab.ledger.toy import DRAWS, PLANS

OLD, NEW = 1, 2


def numbers(counts: LoadCounts) -> tuple[int, ...]:
    """Read, loaded, updated, duplicates, quarantined."""
    return counts.read, counts.loaded, counts.updated, counts.duplicates, counts.quarantined


def draw(row: int, city: str | None, number: int, prize: str | None, source: int = 1) -> Record:
    return Record(source, row, {"city": city, "number": number, "prize": prize})


def plan(record: int | tuple[int, int], name: str, day: str, kind: str | None, price: str) -> Record:
    """A record of the old source, or of the named one."""
    source, row = record if isinstance(record, tuple) else (OLD, record)
    return Record(source, row, {"plan": name, "changed_on": day, "kind": kind, "price": price})


def assert_rollups_fit(ledger: Ledger) -> None:
    with ledger.engine.connect() as connection:
        assert {c.feed: differences(connection, c) for c in (DRAWS, PLANS)} == {"toy_draw": {}, "toy_plan": {}}


def test_appended_rows_are_summed_once(loader: Loader, ledger: Ledger, scratch: Scratch) -> None:
    first = [draw(1, "Lyon", 7, "1.50"), draw(2, "Lyon", 8, None), draw(3, None, 12, "2.00"), draw(4, "Lyon", 99, "9")]
    assert loader.load("toy_draw", first).loaded == 4
    again = loader.load("toy_draw", [*first, draw(5, "Lyon", 9, "0.50"), draw(5, "Lyon", 9, "0.50")])
    assert numbers(again) == (6, 1, 0, 5, 0)
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


def test_the_counts_are_kept_per_source(loader: Loader, scratch: Scratch) -> None:
    records = [draw(1, "Lyon", 1, "1"), draw(1, "Lyon", 1, "1"), draw(1, "Nice", 2, "1", source=2)]
    refused = Record(2, 2, refused=True)
    loader.load("toy_draw", [*records, refused, refused])
    assert scratch.rows(
        "SELECT source_id, read_count, loaded, updated, duplicates, quarantined FROM pipeline_load_source"
    ) == [(1, 2, 1, 0, 1, 0), (2, 3, 1, 0, 1, 1)]


def test_many_sources_are_summed_as_one(loader: Loader, ledger: Ledger) -> None:
    records = [draw(row, "Lyon", row, "1.00", source=source) for source in range(1, 31) for row in (1, 900)]
    assert numbers(loader.load("toy_draw", records)) == (60, 60, 0, 0, 0)
    assert_rollups_fit(ledger)


def test_the_newest_version_of_a_key_wins_within_and_across_loads(
    loader: Loader, ledger: Ledger, scratch: Scratch
) -> None:
    first = [
        plan(1, "A", "2020-01-02", "gold", "5.00"),
        plan(2, "A", "2020-01-01", "tin", "4.00"),
        plan(3, "B", "2020-01-01", "tin", "1.00"),
        plan(4, "b", "2020-01-01", "tin", "2.00"),
    ]
    assert numbers(loader.load("toy_plan", first)) == (4, 3, 0, 1, 0)
    second = [
        plan(5, "A", "2020-01-02", "silver", "6.00"),  # same date, larger row: wins
        plan(6, "B", "2019-01-01", "gold", "9.00"),  # older
        plan(3, "B", "2020-01-01", "tin", "1.00"),  # the same record again
        plan(7, "C", "2020-01-01", None, "3.00"),
    ]
    assert numbers(loader.load("toy_plan", second)) == (4, 1, 1, 2, 0)
    assert scratch.rows(
        "SELECT plan, kind, price, row_no, load_id - :first FROM toy_plan ORDER BY plan".replace(
            ":first", str(scratch.one("SELECT MIN(load_id) FROM pipeline_load"))
        )
    ) == [
        ("A", "silver", Decimal("6.00"), 5, 1),
        ("B", "tin", Decimal("1.00"), 3, 0),
        ("C", None, Decimal("3.00"), 7, 1),
        ("b", "tin", Decimal("2.00"), 4, 0),
    ]
    assert scratch.rows("SELECT * FROM toy_plan_by_kind ORDER BY kind") == [
        ("", 1, Decimal("3.00")),
        ("silver", 1, Decimal("6.00")),
        ("tin", 2, Decimal("3.00")),
    ]
    assert scratch.one("SELECT COUNT(*) FROM toy_plan_staging") == 0
    assert scratch.one("SELECT table_rows FROM pipeline_feed WHERE feed = 'toy_plan'") == 4
    assert_rollups_fit(ledger)


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (2, 0, 3, 1)])
def test_upsert_does_not_depend_on_the_order_of_arrival(
    loader: Loader, scratch: Scratch, order: tuple[int, ...]
) -> None:
    records = [
        plan((9, 1), "A", "2020-01-01", "tin", "1.00"),
        plan((3, 2), "A", "2020-01-03", "gold", "2.00"),
        plan((4, 1), "A", "2020-01-03", "iron", "3.00"),
        plan((8, 7), "A", "2020-01-02", "lead", "4.00"),
    ]
    for number in order:
        loader.load("toy_plan", [records[number]])
    assert scratch.rows("SELECT source_id, row_no, kind FROM toy_plan") == [(4, 1, "iron")]
    assert scratch.rows("SELECT * FROM toy_plan_by_kind") == [("iron", 1, Decimal("3.00"))]


@pytest.mark.parametrize("feed", ["toy_draw", "toy_plan"])
def test_a_refused_record_sent_again_is_a_duplicate_and_resolved_once_it_loads(
    loader: Loader, scratch: Scratch, feed: str
) -> None:
    good = draw(1, "Lyon", 1, "1") if feed == "toy_draw" else plan(1, "A", "2020-01-01", "tin", "1.00")
    bad = replace(good, refused=True)
    assert numbers(loader.load(feed, [bad])) == (1, 0, 0, 0, 1)
    assert numbers(loader.load(feed, [bad])) == (1, 0, 0, 1, 0)
    assert scratch.rows("SELECT row_no, resolved_at FROM quarantine") == [(1, None)]
    replayed = loader.load(feed, [good])
    assert numbers(replayed) == (1, 1, 0, 0, 0)
    assert scratch.rows("SELECT row_no, resolved_load_id FROM quarantine") == [(1, replayed.load_id)]
    assert numbers(loader.load(feed, [good])) == (1, 0, 0, 1, 0)


@pytest.mark.parametrize("feed", ["toy_draw", "toy_plan"])
def test_a_loaded_record_that_a_stricter_contract_refuses_stays_a_duplicate(
    loader: Loader, scratch: Scratch, feed: str
) -> None:
    good = draw(1, "Lyon", 1, "1") if feed == "toy_draw" else plan(1, "A", "2020-01-01", "tin", "1.00")
    loader.load(feed, [good])
    assert numbers(loader.load(feed, [replace(good, refused=True)])) == (1, 0, 0, 1, 0)
    assert scratch.rows("SELECT * FROM quarantine") == []


def test_a_replaced_source_leaves_table_rollups_and_open_quarantine(
    loader: Loader, ledger: Ledger, scratch: Scratch
) -> None:
    old = [draw(1, "Lyon", 1, "1.00"), draw(2, "Nice", 1, "2.00"), Record(OLD, 3, refused=True)]
    loader.load("toy_draw", [*old, draw(1, "Lyon", 5, "0.50", source=3)])
    new = [draw(1, "Lyon", 1, "7.00", source=NEW)]
    counts = loader.load("toy_draw", new, Replacement(OLD, NEW, later(1)))
    assert numbers(counts) == (1, 1, 0, 0, 0)
    assert scratch.rows("SELECT source_id, row_no FROM toy_draw ORDER BY 1") == [(NEW, 1), (3, 1)]
    assert scratch.rows("SELECT * FROM toy_draw_by_city") == [("Lyon", 0, 2, Decimal("7.50"))]
    assert scratch.rows("SELECT row_no, resolved_load_id FROM quarantine") == [(3, counts.load_id)]
    assert scratch.one("SELECT table_rows FROM pipeline_feed WHERE feed = 'toy_draw'") == 2
    assert_rollups_fit(ledger)


def test_the_tail_of_a_replaced_source_is_taken_out_but_not_what_is_sent_later(
    loader: Loader, ledger: Ledger, scratch: Scratch
) -> None:
    both = [draw(1, "Lyon", 1, "1.00"), draw(1, "Nice", 1, "2.00", source=NEW)]
    assert numbers(loader.load("toy_draw", both, Replacement(OLD, NEW, later(1)))) == (2, 1, 0, 1, 0)
    assert numbers(loader.load("toy_draw", [draw(2, "Lyon", 2, "1.00")])) == (1, 0, 0, 1, 0)
    again = [replace(record, sent_at=later(2)) for record in (draw(1, "Lyon", 1, "1.00"), draw(2, "Lyon", 2, "1.00"))]
    assert numbers(loader.load("toy_draw", again)) == (2, 2, 0, 0, 0)
    assert_rollups_fit(ledger)
    back = loader.load("toy_draw", [again[0]], Replacement(NEW, OLD, later(2)))
    assert numbers(back) == (1, 0, 0, 1, 0)
    assert scratch.rows("SELECT source_id, row_no FROM toy_draw") == [(OLD, 1), (OLD, 2)]
    assert_rollups_fit(ledger)


def test_a_replaced_source_of_an_upsert_feed_leaves_with_its_keys(
    loader: Loader, ledger: Ledger, scratch: Scratch
) -> None:
    loader.load("toy_plan", [plan(1, "A", "2021-01-01", "gold", "1.00"), plan(2, "B", "2021-01-01", "gold", "2.00")])
    new = [plan((NEW, 1), "A", "2020-01-01", "tin", "3.00")]
    assert numbers(loader.load("toy_plan", new, Replacement(OLD, NEW, later(1)))) == (1, 1, 0, 0, 0)
    assert scratch.rows("SELECT plan, kind FROM toy_plan") == [("A", "tin")]
    assert scratch.rows("SELECT * FROM toy_plan_by_kind") == [("tin", 1, Decimal("3.00"))]
    assert_rollups_fit(ledger)


def test_a_load_that_read_less_than_its_offsets_is_not_committed(
    loader: Loader, ledger: Ledger, scratch: Scratch
) -> None:
    load_id = loader.begin("toy_draw", 3)
    with pytest.raises(CountMismatch, match=r"read 2 records, its offsets hold 3; it is undone\."):
        ledger.commit_load(load_id, LoadRead([SourceRead(1, 2)]))
    assert scratch.one("SELECT state FROM pipeline_load") == "pending"


def test_a_table_that_holds_more_than_was_read_is_not_committed(loader: Loader, ledger: Ledger) -> None:
    load_id = loader.begin("toy_draw", 1)
    loader.write(load_id, "toy_draw", [draw(1, "Lyon", 1, "1"), draw(2, "Lyon", 1, "1")])
    with pytest.raises(CountMismatch, match=r"hold 2 records of source 1, the load read 1\."):
        ledger.commit_load(load_id, LoadRead([SourceRead(1, 1)]))
