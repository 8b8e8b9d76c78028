"""The journal: which sources were sent, and how far Kafka has acknowledged them. SQLite, durable at every step."""

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from time import time_ns
from typing import Literal, NamedTuple

from millrace.errors import Refused
from producer.kafka.sqlite_file import open_sqlite

State = Literal["sending", "sent"]
SCHEMA = """
CREATE TABLE IF NOT EXISTS sources (
  source_id INTEGER NOT NULL, feed TEXT NOT NULL, name TEXT NOT NULL, content TEXT NOT NULL, topic_uuid TEXT NOT NULL,
  acknowledged INTEGER NOT NULL, state TEXT NOT NULL, replaces INTEGER, changed_at TEXT NOT NULL,
  version INTEGER NOT NULL DEFAULT 0, is_held INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (source_id, feed)
);
CREATE TABLE IF NOT EXISTS places (
  feed TEXT NOT NULL, source_id INTEGER NOT NULL, kafka_partition INTEGER NOT NULL, kafka_offset INTEGER NOT NULL,
  row_no INTEGER NOT NULL, PRIMARY KEY (feed, source_id, kafka_partition, row_no)
) WITHOUT ROWID;
"""
COLUMNS = "source_id, feed, name, content, topic_uuid, acknowledged, state, replaces, changed_at, version"
INDEXES = """
CREATE INDEX IF NOT EXISTS sources_by_name ON sources (feed, name, version);
CREATE INDEX IF NOT EXISTS sources_by_version ON sources (feed, version);
CREATE INDEX IF NOT EXISTS sources_to_look_at ON sources (feed, version) WHERE state = 'sent' AND is_held = 0;
CREATE INDEX IF NOT EXISTS sources_unfinished ON sources (feed, version) WHERE state = 'sending';
CREATE INDEX IF NOT EXISTS places_by_offset ON places (feed, kafka_partition, kafka_offset);
"""
POSITIONS_KEPT = 64
"""Per source and partition. They are written five times a second at most, so this is twelve seconds and more."""
LATER_COLUMNS = {
    "version": (
        "ALTER TABLE sources ADD COLUMN version INTEGER NOT NULL DEFAULT 0",
        "UPDATE sources SET version = 1000 * strftime('%s', changed_at)",
    ),
    "is_held": ("ALTER TABLE sources ADD COLUMN is_held INTEGER NOT NULL DEFAULT 0",),
}
"""What a journal gets that an older release began: what was sent then is ordered by the clock."""


@dataclass(frozen=True)
class Entry:
    """One source of a feed. `acknowledged`: every record up to this number is in Kafka, in the topic of that UUID.

    `version`: the greater, the later it was sent as something new; 0 for sources that have none. `replaces`: what it
    takes the place of, see send_file.
    """

    source: int
    feed: str
    name: str
    content: str
    topic_uuid: str
    acknowledged: int
    state: State
    replaces: tuple[int, ...] = ()
    version: int = 0


class Position(NamedTuple):
    """Where Kafka has acknowledged the record of that number."""

    partition: int
    offset: int
    row: int


class Journal:
    """The entries on disk. One writer per source at a time; others wait up to 30 seconds."""

    def __init__(self, path: Path | str) -> None:
        try:
            self._db = open_sqlite(path, SCHEMA)
            self._add_columns()
            self._db.executescript(INDEXES)
        except (sqlite3.Error, OSError) as error:
            raise Refused(f"The journal {path} cannot be opened: {error}.") from None

    def close(self) -> None:
        self._db.close()

    def entry(self, feed: str, source: int) -> Entry | None:
        """What is known of a source; None when it was never sent."""
        found = self._entries("feed = ? AND source_id = ?", (feed, source))
        return found[0] if found else None

    def named(self, feed: str, name: str) -> list[Entry]:
        """Every content sent under that name, the newest first: by version, as clocks are set back."""
        return self._entries("feed = ? AND name = ?", (feed, name))

    def put(self, entry: Entry) -> None:
        """Write an entry over the one of the same source and feed. What lay behind its number is no longer known."""
        now = datetime.now(UTC).isoformat(timespec="microseconds")
        behind = "DELETE FROM places WHERE feed = ? AND source_id = ? AND row_no > ?"
        values = (
            *(entry.source, entry.feed, entry.name, entry.content, entry.topic_uuid),
            *(entry.acknowledged, entry.state, " ".join(map(str, entry.replaces)), now, entry.version),
        )
        with self._db.transaction():
            self._db.execute(behind, (entry.feed, entry.source, entry.acknowledged))
            self._db.execute(
                f"INSERT OR REPLACE INTO sources ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - our own
                values,
            )

    def take_over(self, later: "Journal") -> None:
        """Know what a later copy has begun since as begun, and nothing of it as sent.

        What came into MySQL meanwhile is one of the newest of its name: a further version must take its place.
        """
        for entry in later.all():
            known = self.entry(entry.feed, entry.source)
            if known is None or known.version != entry.version:
                self.put(replace(entry, acknowledged=0, state="sending"))

    def all(self) -> list[Entry]:
        """Every entry, the newest first."""
        return self._entries("TRUE", ())

    def next_version(self, feed: str) -> int:
        """A number greater than that of every version of the feed, and no less than the clock's milliseconds."""
        newest = self._db.execute("SELECT MAX(version) FROM sources WHERE feed = ?", (feed,)).fetchone()[0]
        return max((newest or 0) + 1, time_ns() // 1_000_000)

    def acknowledge(self, feed: str, source: int, row: int, positions: Iterable[Position] = ()) -> None:
        """Every record of the source up to `row` is in Kafka. Another process may have gone further; that stays.

        `positions`: where the last of them stand, at most one in each partition.
        """
        further = "UPDATE sources SET acknowledged = MAX(acknowledged, ?) WHERE feed = ? AND source_id = ?"
        with self._db.transaction():
            self._db.execute(further, (row, feed, source))
            for position in positions:
                self._keep(feed, source, position)

    def positions(self, feed: str, source: int) -> list[Position]:
        """Where the last records of a source stand in Kafka, partition by partition, the newest first."""
        sql = "SELECT kafka_partition, kafka_offset, row_no FROM places WHERE feed = ? AND source_id = ?"
        rows = self._db.execute(f"{sql} ORDER BY kafka_partition, row_no DESC", (feed, source))
        return [Position(*row) for row in rows]

    def finish(self, feed: str, source: int, row: int) -> None:
        """The whole source is in Kafka."""
        self._db.execute(
            "UPDATE sources SET acknowledged = ?, state = 'sent' WHERE feed = ? AND source_id = ?", (row, feed, source)
        )

    def not_looked_at(self, feed: str, topic_uuid: str, most: int) -> list[Entry]:
        """The newest sources that were sent whole to that topic, and of which `set_held` knows nothing."""
        unseen = "feed = ? AND topic_uuid = ? AND state = 'sent' AND is_held = 0"
        return self._entries(unseen, (feed, topic_uuid), most)

    def unfinished(self, feed: str, topic_uuid: str) -> list[Entry]:
        """Sources of which not all was sent to that topic."""
        return self._entries("feed = ? AND topic_uuid = ? AND state = 'sending'", (feed, topic_uuid))

    def set_held(self, feed: str, sources: Iterable[int]) -> None:
        """Kafka was seen to hold what it had acknowledged of these sources; `put` takes it back.

        Of each only where the last record of a partition stands is of use from now on.
        """
        seen = "UPDATE sources SET is_held = 1 WHERE feed = ? AND source_id = ? AND state = 'sent'"
        rows = "FROM places WHERE feed = ? AND source_id = ?"
        newest = f"SELECT kafka_partition, MAX(row_no) {rows} GROUP BY kafka_partition"
        older = f"DELETE {rows} AND (kafka_partition, row_no) NOT IN ({newest})"
        with self._db.transaction():
            for source in sources:
                if self._db.execute(seen, (feed, source)).rowcount:
                    self._db.execute(older, (feed, source, feed, source))

    def set_lost(self, feed: str, sources: Iterable[int]) -> None:
        """Kafka has lost records of these sources: they are looked at one by one, as if they had not been before."""
        with self._db.transaction():
            for source in sources:
                self._db.execute("UPDATE sources SET is_held = 0 WHERE feed = ? AND source_id = ?", (feed, source))

    def held_positions(self, feed: str, topic_uuid: str, partition: int) -> Iterator[tuple[int, Position]]:
        """By source, where their last records stand in a partition of that topic, the last one first."""
        columns = (
            "source_id, kafka_partition, kafka_offset, row_no FROM places CROSS JOIN sources USING (feed, source_id)"
        )
        those = "feed = ? AND kafka_partition = ? AND topic_uuid = ? AND state = 'sent' AND is_held = 1"
        rows = self._db.execute(
            f"SELECT {columns} WHERE {those} ORDER BY kafka_offset DESC",
            (feed, partition, topic_uuid),
        )
        for source, *position in rows:
            yield source, Position(*position)

    def forget_positions(self, feed: str, source: int) -> None:
        """Whatever Kafka loses of the source from now on, it is not missed."""
        self._db.execute("DELETE FROM places WHERE feed = ? AND source_id = ?", (feed, source))

    def forget(self, feed: str) -> None:
        """Nothing was ever sent to the feed: it starts over."""
        self._db.execute("DELETE FROM sources WHERE feed = ?", (feed,))
        self._db.execute("DELETE FROM places WHERE feed = ?", (feed,))

    def move(self, feed: str, topic_uuid: str, to: str) -> None:
        """What was sent to that topic counts as sent to the other one, all of it being loaded: nothing is sent again.

        Positions in the old one say nothing of it.
        """
        with self._db.transaction():
            moved = "UPDATE sources SET topic_uuid = ? WHERE feed = ? AND topic_uuid = ?"
            self._db.execute(moved, (to, feed, topic_uuid))
            self._db.execute("DELETE FROM places WHERE feed = ?", (feed,))

    def _keep(self, feed: str, source: int, position: Position) -> None:
        of = (feed, source, position.partition)
        self._db.execute("INSERT OR REPLACE INTO places VALUES (?, ?, ?, ?, ?)", (*of, position.offset, position.row))
        rows = "FROM places WHERE feed = ? AND source_id = ? AND kafka_partition = ?"
        newest = f"SELECT row_no {rows} ORDER BY row_no DESC LIMIT {POSITIONS_KEPT}"
        self._db.execute(f"DELETE {rows} AND row_no NOT IN ({newest})", (*of, *of))

    def _add_columns(self) -> None:
        if LATER_COLUMNS.keys() <= self._columns():
            return
        with self._db.transaction():
            known = self._columns()
            for statement in (each for column, to in LATER_COLUMNS.items() if column not in known for each in to):
                self._db.execute(statement)

    def _columns(self) -> set[str]:
        return {column[1] for column in self._db.execute("PRAGMA table_info(sources)")}

    def _entries(self, condition: str, values: tuple[str | int, ...], most: int = -1) -> list[Entry]:
        columns = "source_id, feed, name, content, topic_uuid, acknowledged, state, replaces, version"
        sql = f"SELECT {columns} FROM sources WHERE {condition} ORDER BY version DESC, changed_at DESC LIMIT ?"  # noqa: S608 - our own words
        rows = self._db.execute(sql, (*values, most))
        return [replace(found, replaces=_sources(row[7])) for row in rows if (found := Entry(*row))]


def _sources(stored: str | int | None) -> tuple[int, ...]:
    """Numbers with spaces between them; of one alone SQLite makes a number again."""
    return () if stored is None else tuple(map(int, str(stored).split()))
