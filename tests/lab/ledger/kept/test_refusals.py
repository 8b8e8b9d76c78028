"""Refused records have a bound: settled ones leave, and the oldest of a feed keep their first bytes alone."""

from collections.abc import Callable
from typing import Any

import pytest

from lab.observe.quarantine import count_cut, count_rejected, read_rejected
from lab.operate.replay import open_records
from millrace.settings import load_lab
from sql.ledger.ledger import Ledger
from sql.upkeep import refusals
from sql.upkeep.refusals import KEPT_BYTES, SHARE, cut_oldest
from sql.upkeep.tidy import tidy
from tests.lab.ledger.scratch import Loader, Record, Scratch
from tests.lab.ledger.toy import DRAWS

FEED = DRAWS.feed
LONG = 100 * KEPT_BYTES
SEEN = "SELECT row_no, raw_length, cut_from FROM quarantine WHERE feed = 'toy_draw' ORDER BY row_no"


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is done must not depend on where a piece ends."""
    monkeypatch.setattr(refusals, "PIECE", 3)
    monkeypatch.setattr(refusals, "LOOKED_AT", 3)


@pytest.fixture
def refused(loader: Loader, scratch: Scratch) -> Callable[..., None]:
    """Loads of refused records, by their number and how many bytes each has."""

    def load(*sizes: int, first: int = 1) -> None:
        rows = range(first, first + len(sizes))
        loader.load(FEED, [Record(1, row, refused=True) for row in rows])
        for row, size in zip(rows, sizes, strict=True):
            scratch.run(f"UPDATE quarantine SET raw = REPEAT(CHAR(64 + {row}), {size}) WHERE row_no = {row}")

    return load


def cut(ledger: Ledger, most: int) -> list[int]:
    """How many were cut in each piece."""
    found = []
    while pieces := ledger.owned(lambda connection: cut_oldest(connection, FEED, most)):
        found.append(pieces)
    return found


def test_settled_ones_go_only_when_it_is_long_ago(loader: Loader, ledger: Ledger, scratch: Scratch) -> None:
    loader.load(FEED, [Record(1, row, refused=True) for row in range(1, 5)])
    settled = (
        "UPDATE quarantine SET resolved_load_id = 9, resolved_at = NOW() - INTERVAL {days} DAY WHERE row_no = {row}"
    )
    scratch.run(settled.format(days=31, row=1))
    scratch.run(settled.format(days=29, row=2))
    scratch.run("UPDATE quarantine SET quarantined_at = NOW() - INTERVAL 300 DAY")
    tidy(ledger.owned, FEED)
    assert scratch.rows("SELECT row_no FROM quarantine ORDER BY row_no") == [(2,), (3,), (4,)]


def test_the_oldest_keep_their_first_bytes_and_say_how_many_they_had(
    refused: Callable[..., None], ledger: Ledger, scratch: Scratch
) -> None:
    refused(LONG, KEPT_BYTES, LONG, LONG)
    refused(LONG, LONG + 1, LONG, first=5)
    assert cut(ledger, 6 * LONG + 1) == []
    assert cut(ledger, 2 * LONG + 1) == [3, 1]
    whole = [(2, KEPT_BYTES, None), (6, LONG + 1, None), (7, LONG, None)]
    shortened = [(row, KEPT_BYTES, LONG) for row in (1, 3, 4, 5)]
    assert scratch.rows(SEEN) == sorted([*whole, *shortened])
    assert scratch.one("SELECT raw = REPEAT('C', 2048) FROM quarantine WHERE row_no = 3") == 1
    assert scratch.one("SELECT COUNT(*) FROM quarantine WHERE JSON_LENGTH(reasons) = 1") == 7
    assert cut(ledger, 2 * LONG + 1) == []


def test_settled_ones_are_cut_first_and_other_feeds_left_alone(
    refused: Callable[..., None], loader: Loader, ledger: Ledger, scratch: Scratch
) -> None:
    refused(LONG, LONG, LONG)
    loader.load("toy_plan", [Record(1, 9, refused=True)])
    scratch.run(f"UPDATE quarantine SET raw = REPEAT('x', {LONG}) WHERE feed = 'toy_plan'")
    scratch.run("UPDATE quarantine SET resolved_load_id = 9, resolved_at = NOW(3) WHERE row_no = 3")
    assert cut(ledger, 2 * LONG) == [1]
    assert [row[2] for row in scratch.rows(SEEN)] == [None, None, LONG]
    assert scratch.one("SELECT raw_length FROM quarantine WHERE feed = 'toy_plan'") == LONG


def test_the_upkeep_does_it_by_the_share_of_the_disk(
    refused: Callable[..., None], ledger: Ledger, scratch: Scratch, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused(LONG, LONG)
    tidy(ledger.owned, FEED)
    assert [row[2] for row in scratch.rows(SEEN)] == [None, None]
    monkeypatch.setattr(refusals, "SHARE", 1.5 * LONG / load_lab().machines["mysql"].share_of_disk(1))
    tidy(ledger.owned, FEED)
    assert [row[2] for row in scratch.rows(SEEN)] == [LONG, None]
    assert SHARE * load_lab().machines["mysql"].share_of_disk(1) > 8 << 20, "a feed may keep its largest record"


def test_what_is_cut_is_shown_as_such_and_not_replayed(
    refused: Callable[..., None], ledger: Ledger, scratch: Scratch
) -> None:
    """Half a record would be another one."""
    refused(LONG, LONG)
    cut(ledger, LONG)
    with scratch.engine.connect() as connection:
        shown = {each.row: (len(each.raw), each.cut_from) for each in read_rejected(connection, FEED, 9)}
        replayed: list[Any] = [(each.row, len(each.raw)) for each in open_records(connection, FEED)]
        counts = count_rejected(connection, FEED), count_cut(connection, FEED)
    assert shown == {1: (KEPT_BYTES, LONG), 2: (LONG, None)}
    assert replayed == [(2, LONG)]
    assert counts == (2, 1)
