"""What the live sources must not forget: observations on their way to Kafka, what was sent, what publishers said.

SQLite, durable at every step. An observation is kept here before it is sent, and sent again after a kill.
"""

import sqlite3
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from millrace.errors import Refused
from producer.kafka.sqlite_file import open_sqlite
from producer.live.http_client import Validators

KEPT_SECONDS = 8 * 86_400.0
SCHEMA = """
CREATE TABLE IF NOT EXISTS observation (
  feed TEXT NOT NULL, source_id INTEGER NOT NULL, row_no INTEGER NOT NULL, topic_uuid TEXT NOT NULL, event BLOB,
  kept_at REAL NOT NULL, PRIMARY KEY (feed, source_id, row_no)
);
CREATE TABLE IF NOT EXISTS address (
  url TEXT PRIMARY KEY, topic_uuid TEXT NOT NULL, etag TEXT NOT NULL, last_modified TEXT NOT NULL, told_at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS place (
  feed TEXT NOT NULL, place TEXT NOT NULL, observed INTEGER, answered_at REAL, trouble TEXT NOT NULL,
  PRIMARY KEY (feed, place)
);
CREATE TABLE IF NOT EXISTS poller (
  feed TEXT PRIMARY KEY, state TEXT NOT NULL, since REAL NOT NULL, message TEXT NOT NULL, not_before REAL NOT NULL
);
"""


@dataclass(frozen=True)
class Waiting:
    """An event on its way to Kafka."""

    source: int
    row: int
    event: bytes


@dataclass(frozen=True)
class PlaceState:
    """How a place stands: its newest observation (Unix seconds), when it last answered, what is wrong since."""

    place: str
    observed: int | None = None
    answered_at: float | None = None
    trouble: str = ""


@dataclass(frozen=True)
class PollerState:
    """What a poller does: `live`, `simulated` or `waiting`, since when and why; `not_before`: it was asked to wait."""

    feed: str
    state: str = "waiting"
    since: float = 0.0
    message: str = ""
    not_before: float = 0.0


class Store:
    """The memory of the live sources on this machine."""

    def __init__(self, path: Path) -> None:
        try:
            self._db = open_sqlite(path, SCHEMA)
        except (sqlite3.Error, OSError) as error:
            raise Refused(f"What the live sources remember, {path}, cannot be opened: {error}.") from None

    def close(self) -> None:
        self._db.close()

    def keep(self, feed: str, topic_uuid: str, waiting: Waiting) -> bool:
        """Take an event in, to be sent; False where it waits already, or was sent to this topic.

        Everywhere here `topic_uuid` is empty while Kafka cannot say it: then the topic counts as the same.
        """
        row = (feed, waiting.source, waiting.row, topic_uuid, waiting.event, time.time())
        sql = (
            "INSERT INTO observation VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (feed, source_id, row_no) DO UPDATE"
            " SET topic_uuid = excluded.topic_uuid, event = excluded.event, kept_at = excluded.kept_at"
            " WHERE observation.event IS NULL AND excluded.topic_uuid NOT IN ('', observation.topic_uuid)"
        )
        return self._db.execute(sql, row).rowcount > 0

    def waiting(self, feed: str) -> list[Waiting]:
        """The events that Kafka has not acknowledged, the oldest first."""
        sql = "SELECT source_id, row_no, event FROM observation WHERE feed = ? AND event IS NOT NULL ORDER BY kept_at"
        return [Waiting(*row) for row in self._db.execute(sql, (feed,))]

    def sent(self, feed: str, topic_uuid: str, events: Iterable[Waiting]) -> None:
        """The topic has them; that they were sent is remembered for eight days."""
        done = [(topic_uuid, feed, each.source, each.row) for each in events]
        forget = "UPDATE observation SET event = NULL, topic_uuid = ? WHERE feed = ? AND source_id = ? AND row_no = ?"
        old = time.time() - KEPT_SECONDS
        with self._db.transaction():
            self._db.executemany(forget, done)
            self._db.execute("DELETE FROM observation WHERE event IS NULL AND kept_at < ?", (old,))

    def validators(self, url: str, topic_uuid: str) -> Validators:
        """What the publisher said of the version that is in this topic."""
        sql = "SELECT etag, last_modified FROM address WHERE url = ? AND (topic_uuid = ? OR '' IN (topic_uuid, ?))"
        found = self._db.execute(sql, (url, topic_uuid, topic_uuid)).fetchone()
        return Validators(*found) if found else Validators()

    def remember(self, url: str, topic_uuid: str, validators: Validators) -> None:
        """That version is safe on its way into the topic: it need not be given again."""
        row = (url, topic_uuid, validators.etag, validators.last_modified, time.time())
        self._db.execute("INSERT OR REPLACE INTO address VALUES (?, ?, ?, ?, ?)", row)

    def place(self, feed: str, place: str) -> PlaceState:
        """How a place stands."""
        return next((state for state in self.places(feed) if state.place == place), PlaceState(place))

    def places(self, feed: str) -> list[PlaceState]:
        """How every place stands that was asked for."""
        sql = "SELECT place, observed, answered_at, trouble FROM place WHERE feed = ? ORDER BY place"
        return [PlaceState(*row) for row in self._db.execute(sql, (feed,))]

    def put_place(self, feed: str, state: PlaceState) -> None:
        """Write how a place stands."""
        row = (feed, state.place, state.observed, state.answered_at, state.trouble)
        self._db.execute("INSERT OR REPLACE INTO place VALUES (?, ?, ?, ?, ?)", row)

    def poller(self, feed: str) -> PollerState:
        """What the feed's poller does."""
        found = self._db.execute(f"SELECT {COLUMNS} FROM poller WHERE feed = ?", (feed,)).fetchone()  # noqa: S608
        return PollerState(*found) if found else PollerState(feed)

    def put_poller(self, state: PollerState) -> None:
        """Write what a poller does."""
        self._db.execute("INSERT OR REPLACE INTO poller VALUES (?, ?, ?, ?, ?)", tuple(asdict(state).values()))


COLUMNS = ", ".join(field.name for field in fields(PollerState))
