"""The journal survives its process, and never falls back."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from millrace.errors import Refused
from producer.kafka.journal import POSITIONS_KEPT, Entry, Journal, Position

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


def test_the_newest_positions_are_kept_until_the_source_begins_again() -> None:
    journal = Journal(":memory:")
    journal.put(ENTRY)
    for row in range(1, POSITIONS_KEPT + 10):
        journal.acknowledge("shop", 7, row, [Position(0, 10 * row, row), Position(1, row, row)])
    kept = range(POSITIONS_KEPT + 9, 9, -1)
    assert journal.positions("shop", 7) == [Position(0, 10 * row, row) for row in kept] + [
        Position(1, row, row) for row in kept
    ]
    journal.put(replace(ENTRY, acknowledged=11))
    assert [position.row for position in journal.positions("shop", 7)] == [11, 10, 11, 10]
    journal.put(ENTRY)
    assert journal.positions("shop", 7) == []


def test_a_name_gives_its_contents_newest_first() -> None:
    journal = Journal(":memory:")
    for source in (1, 2, 3):
        journal.put(replace(ENTRY, source=source))
    journal.put(replace(ENTRY, source=4, feed="other"))
    journal.put(replace(ENTRY, source=1))
    assert [entry.source for entry in journal.named("shop", "x.csv")] == [1, 3, 2]


def test_an_older_journal_gets_versions_by_the_clock(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with closing(sqlite3.connect(path)) as old, old:
        old.execute(
            "CREATE TABLE sources (source_id INTEGER NOT NULL, feed TEXT NOT NULL, name TEXT NOT NULL, content TEXT NOT"
            " NULL, topic_uuid TEXT NOT NULL, acknowledged INTEGER NOT NULL, state TEXT NOT NULL, replaces INTEGER,"
            " changed_at TEXT NOT NULL, PRIMARY KEY (source_id, feed))"
        )
        sent_at = "2026-11-22T17:05:47.123456+00:00"
        old.execute("INSERT INTO sources VALUES (7, 'shop', 'x.csv', 'ab', 'uuid', 0, 'sending', NULL, ?)", (sent_at,))
    for journal in (Journal(path), Journal(path)):
        assert journal.named("shop", "x.csv") == [replace(ENTRY, version=1_795_367_147_000)]
    assert journal.next_version("shop") > 1_795_367_147_000


def test_a_journal_that_knows_versions_only_is_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with closing(sqlite3.connect(path)) as old, old:
        old.execute(
            "CREATE TABLE sources (source_id INTEGER NOT NULL, feed TEXT NOT NULL, name TEXT NOT NULL, content TEXT NOT"
            " NULL, topic_uuid TEXT NOT NULL, acknowledged INTEGER NOT NULL, state TEXT NOT NULL, replaces INTEGER,"
            " changed_at TEXT NOT NULL, version INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (source_id, feed))"
        )
        old.execute("INSERT INTO sources VALUES (7, 'shop', 'x.csv', 'ab', 'uuid', 5, 'sent', NULL, '2026', 3)")
    for journal in (Journal(path), Journal(path)):
        sent = replace(ENTRY, acknowledged=5, state="sent", version=3)
        assert journal.not_looked_at("shop", "uuid", 10) == [sent]


def test_the_newest_are_looked_at_first_and_once() -> None:
    journal = Journal(":memory:")
    for source in (1, 3, 2):
        journal.put(replace(ENTRY, source=source, version=source, state="sent"))
    journal.put(replace(ENTRY, source=4, version=4))
    journal.put(replace(ENTRY, source=5, version=5, state="sent", topic_uuid="another"))
    journal.put(replace(ENTRY, source=6, version=6, state="sent", feed="other"))
    assert [entry.source for entry in journal.not_looked_at("shop", "uuid", 2)] == [3, 2]
    assert [entry.source for entry in journal.unfinished("shop", "uuid")] == [4]
    journal.set_held("shop", [3, 2, 4])
    assert [entry.source for entry in journal.not_looked_at("shop", "uuid", 2)] == [1]
    journal.put(replace(ENTRY, source=3, version=7, state="sent"))
    assert [entry.source for entry in journal.not_looked_at("shop", "uuid", 2)] == [3, 1]


def test_of_what_kafka_holds_the_last_positions_are_kept() -> None:
    journal = Journal(":memory:")
    for source, state in ((7, "sent"), (8, "sending")):
        journal.put(replace(ENTRY, source=source, state=state))
        for row in range(1, 9):
            journal.acknowledge("shop", source, row, [Position(row % 2, row, row)])
    journal.set_held("shop", [7, 8])
    assert journal.positions("shop", 7) == [Position(0, 8, 8), Position(1, 7, 7)]
    assert len(journal.positions("shop", 8)) == 8, "it is sent anew meanwhile"


def test_versions_outlive_a_clock_that_is_set_back() -> None:
    journal = Journal(":memory:")
    future = 10**15
    journal.put(replace(ENTRY, version=future))
    assert (journal.next_version("shop"), journal.next_version("other") < future) == (future + 1, True)


def test_a_journal_that_cannot_be_opened_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Refused, match=r"^The journal .* cannot be opened: .*\.$"):
        Journal(tmp_path / "file" / "journal.db")
