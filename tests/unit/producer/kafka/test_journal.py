"""The journal survives its process, and never falls back."""

from dataclasses import replace
from pathlib import Path

import pytest

from millrace.errors import Refused
from producer.kafka.journal import PLACES_KEPT, Entry, Journal, Place

ENTRY = Entry(7, "shop", "x.csv", "ab", "uuid", 0, "sending")


def test_what_is_written_is_there_after_a_restart(tmp_path: Path) -> None:
    first = Journal(tmp_path / "state" / "journal.db")
    first.put(ENTRY)
    first.acknowledge("shop", 7, 500)
    second = Journal(tmp_path / "state" / "journal.db")
    assert second.entry("shop", 7) == replace(ENTRY, acknowledged=500)
    second.finish("shop", 7, 600)
    assert first.entry("shop", 7) == replace(ENTRY, acknowledged=600, state="sent")


def test_a_slower_process_does_not_take_the_position_back() -> None:
    journal = Journal(":memory:")
    journal.put(ENTRY)
    journal.acknowledge("shop", 7, 500)
    journal.acknowledge("shop", 7, 400)
    assert journal.entry("shop", 7) == replace(ENTRY, acknowledged=500)


def test_the_newest_places_are_kept_until_the_source_begins_again() -> None:
    journal = Journal(":memory:")
    journal.put(ENTRY)
    for row in range(1, PLACES_KEPT + 10):
        journal.acknowledge("shop", 7, row, [Place(0, 10 * row, row), Place(1, row, row)])
    kept = range(PLACES_KEPT + 9, 9, -1)
    assert journal.places("shop", 7) == [Place(0, 10 * row, row) for row in kept] + [Place(1, row, row) for row in kept]
    journal.put(replace(ENTRY, acknowledged=11))
    assert [place.row for place in journal.places("shop", 7)] == [11, 10, 11, 10]
    journal.put(ENTRY)
    assert journal.places("shop", 7) == []


def test_a_name_gives_its_contents_newest_first() -> None:
    journal = Journal(":memory:")
    for source in (1, 2, 3):
        journal.put(replace(ENTRY, source=source))
    journal.put(replace(ENTRY, source=4, feed="other"))
    journal.put(replace(ENTRY, source=1))
    assert [entry.source for entry in journal.named("shop", "x.csv")] == [1, 3, 2]


def test_a_journal_that_cannot_be_opened_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Refused, match=r"^The journal .* cannot be opened: .*\.$"):
        Journal(tmp_path / "file" / "journal.db")
