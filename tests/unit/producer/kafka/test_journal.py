"""The journal survives its process, and never falls back."""

from dataclasses import replace
from pathlib import Path

import pytest

from millrace.errors import Refused
from producer.kafka.journal import Entry, Journal

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
