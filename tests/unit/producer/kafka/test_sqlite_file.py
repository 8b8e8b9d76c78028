"""A full disk under the producers' own files: one sentence, nothing half written, and the next statement goes on."""

from pathlib import Path

import pytest

from millrace.errors import Refused, disk_full
from producer.kafka.sqlite_file import SqliteFile, open_sqlite

SCHEMA = "CREATE TABLE IF NOT EXISTS kept (text TEXT NOT NULL)"
LARGE = "x" * 100_000


@pytest.fixture
def database(tmp_path: Path) -> SqliteFile:
    """A file that may take no more than a few pages."""
    database = open_sqlite(tmp_path / "kept.sqlite", SCHEMA)
    database.execute("PRAGMA max_page_count = 10")
    return database


def kept(database: SqliteFile) -> list[str]:
    return [row[0] for row in database.execute("SELECT text FROM kept")]


def test_a_full_disk_is_one_sentence(database: SqliteFile) -> None:
    for insert in (database.execute, lambda sql, row: database.executemany(sql, [row])):
        with pytest.raises(Refused) as refused:
            insert("INSERT INTO kept VALUES (?)", (LARGE,))
        assert str(refused.value) == disk_full("kafka")
    assert kept(database) == []


def test_a_transaction_that_finds_no_room_leaves_nothing_and_is_over(database: SqliteFile) -> None:
    with pytest.raises(Refused, match=r"is full"), database.transaction():
        database.execute("INSERT INTO kept VALUES ('small')")
        database.execute("INSERT INTO kept VALUES (?)", (LARGE,))
    with database.transaction():
        database.execute("INSERT INTO kept VALUES ('next')")
    assert kept(database) == ["next"]
