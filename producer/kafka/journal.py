"""The journal: which sources were sent, and how far Kafka has acknowledged them. SQLite, durable at every step."""

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from millrace.errors import Refused

State = Literal["sending", "sent"]
SCHEMA = """
CREATE TABLE IF NOT EXISTS sources (
  source_id INTEGER NOT NULL, feed TEXT NOT NULL, name TEXT NOT NULL, content TEXT NOT NULL, topic_uuid TEXT NOT NULL,
  acknowledged INTEGER NOT NULL, state TEXT NOT NULL, replaces INTEGER, changed_at TEXT NOT NULL,
  PRIMARY KEY (source_id, feed)
)
"""


@dataclass(frozen=True)
class Entry:
    """One source of a feed. `acknowledged`: every record up to this number is in Kafka, in the topic of that UUID."""

    source: int
    feed: str
    name: str
    content: str
    topic_uuid: str
    acknowledged: int
    state: State
    replaces: int | None = None


class Journal:
    """The entries on disk. One writer per source at a time; others wait up to 30 seconds."""

    def __init__(self, path: Path | str) -> None:
        try:
            if isinstance(path, Path):
                path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, timeout=30, isolation_level=None)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            self._db.execute(SCHEMA)
        except (sqlite3.Error, OSError) as error:
            raise Refused(f"The journal {path} cannot be opened: {error}.") from None

    def close(self) -> None:
        self._db.close()

    def entry(self, feed: str, source: int) -> Entry | None:
        """What is known of a source; None when it was never sent."""
        found = self._entries("feed = ? AND source_id = ?", (feed, source))
        return found[0] if found else None

    def named(self, feed: str, name: str) -> list[Entry]:
        """Every content sent under that name, the newest first."""
        return self._entries("feed = ? AND name = ?", (feed, name))

    def put(self, entry: Entry) -> None:
        """Write an entry over the one of the same source and feed."""
        now = datetime.now(UTC).isoformat(timespec="microseconds")
        self._db.execute(
            "INSERT OR REPLACE INTO sources VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(entry.source, entry.feed, entry.name, entry.content, entry.topic_uuid),
                *(entry.acknowledged, entry.state, entry.replaces, now),
            ),
        )

    def acknowledge(self, feed: str, source: int, row: int) -> None:
        """Every record of the source up to `row` is in Kafka. Another process may have gone further; that stays."""
        further = "UPDATE sources SET acknowledged = MAX(acknowledged, ?) WHERE feed = ? AND source_id = ?"
        self._db.execute(further, (row, feed, source))

    def finish(self, feed: str, source: int, row: int) -> None:
        """The whole source is in Kafka."""
        self._db.execute(
            "UPDATE sources SET acknowledged = ?, state = 'sent' WHERE feed = ? AND source_id = ?", (row, feed, source)
        )

    def forget(self, feed: str) -> None:
        """Nothing was ever sent to the feed: it starts over."""
        self._db.execute("DELETE FROM sources WHERE feed = ?", (feed,))

    def _entries(self, condition: str, values: tuple[str | int, ...]) -> list[Entry]:
        columns = "source_id, feed, name, content, topic_uuid, acknowledged, state, replaces"
        sql = f"SELECT {columns} FROM sources WHERE {condition} ORDER BY changed_at DESC"  # noqa: S608 - our own words
        return [Entry(*row) for row in self._db.execute(sql, values)]
