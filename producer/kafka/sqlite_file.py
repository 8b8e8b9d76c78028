"""The producers' SQLite files: what they hold is on the disk with every statement, or a person is told why not."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from millrace.errors import Refused, disk_full_of

PATIENCE_SECONDS = 30


class SqliteFile(sqlite3.Connection):
    """Refuses with one sentence where the disk is full; the statement has changed nothing then."""

    def execute(self, *statement: Any) -> sqlite3.Cursor:
        """As sqlite3.Connection does."""
        try:
            return super().execute(*statement)
        except sqlite3.OperationalError as error:
            raise _refused(error) from error

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of it or nothing; other writers wait meanwhile."""
        self.execute("BEGIN IMMEDIATE")
        try:
            yield
            self.execute("COMMIT")
        finally:
            if self.in_transaction:
                self.rollback()

    def executemany(self, *statement: Any) -> sqlite3.Cursor:
        """As sqlite3.Connection does."""
        try:
            return super().executemany(*statement)
        except sqlite3.OperationalError as error:
            raise _refused(error) from error


def open_sqlite(path: Path | str, schema: str) -> SqliteFile:
    """The file, made where it is missing; sqlite3.Error and OSError where it cannot be opened."""
    if path != ":memory:":
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, timeout=PATIENCE_SECONDS, isolation_level=None, factory=SqliteFile)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.executescript(schema)
    return connection


def _refused(error: sqlite3.OperationalError) -> Exception:
    sentence = disk_full_of(str(error), "kafka")
    return Refused(sentence) if sentence else error
