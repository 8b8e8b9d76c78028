"""The scratch database `millrace_test`, on the lab's MySQL or on one that the environment names."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest
from pydantic import SecretStr
from sqlalchemy import text

from instruments.tools import as_root
from lab.observe.access import answers, authority, secret, secrets_file
from millrace.contract.contract import Contract
from millrace.settings import Settings, load_lab
from spark.clean.arrow_types import arrow_type
from spark.load.reads import rollup_sums
from spark.rollup.sums import RollupSums
from sql.connection import loader_connection
from sql.engine import connect
from sql.ledger.commit import LoadRead
from sql.ledger.counts import LoadCounts, SourceRead
from sql.ledger.ledger import Ledger
from sql.ledger.load_guard import hold_load
from sql.ledger.replace import Replacement
from sql.ledger.rollup import Summed
from sql.migrate import migrate
from sql.schema.feed_tables import load_target
from tests.lab.ledger.toy import TOYS

DATABASE = os.environ.get("MILLRACE_TEST_DATABASE", "millrace_test")
TOPIC_UUID = "toytoytoytoytoytoytoyA"
NOON = datetime(2026, 1, 1, 12)


def account(user: str) -> Settings:
    """A role's settings. MILLRACE_TEST_MYSQL (host:port) and MILLRACE_TEST_PASSWORDS (user=word,…) win over the lab.

    MILLRACE_TEST_USER is one account for every role, where no account's rights are tested.
    """
    given, trusted = os.environ.get("MILLRACE_TEST_MYSQL"), None
    user = os.environ.get("MILLRACE_TEST_USER", user)
    if given:
        host, port = given.split(":")
        word = dict(item.split("=") for item in os.environ["MILLRACE_TEST_PASSWORDS"].split(","))[user]
    else:
        host, port = load_lab().address("mysql"), "3306"
        if not secrets_file().is_file() or not answers(host, 3306):
            _no_lab(f"no lab answers at {host}: make up")
        word, trusted = secret(f"mysql_{user}_password"), authority()
    return Settings(
        mysql_host=host,
        mysql_port=int(port),
        mysql_database=DATABASE,
        mysql_user=user,
        mysql_password=SecretStr(word),
        mysql_ca=trusted,
    )


def made_anew() -> Settings:
    """The database with the project's schema and nothing in it; settings of the account that may change it."""
    settings = account("migrate")
    outside = connect(settings.model_copy(update={"mysql_database": "information_schema"}))
    with outside.begin() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {DATABASE}"))
        connection.execute(text(f"CREATE DATABASE {DATABASE} CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin"))
    outside.dispose()
    migrate(settings)
    return settings


def _no_lab(reason: str) -> None:
    if os.environ.get("MILLRACE_NEED_LAB"):
        pytest.fail(reason)
    pytest.skip(reason)


@dataclass(frozen=True)
class Record:
    """A record on its way: its identity, its values by column, whether it is refused, its source's version."""

    source: int
    row: int
    values: dict[str, Any] = field(default_factory=dict)
    refused: bool = False
    sent_at: datetime = NOON
    version: int | None = None


class Loader:
    """Does what the streaming application does, without Spark: begin, write as executors do, commit."""

    def __init__(self, settings: Settings, ledger: Ledger) -> None:
        self.settings, self.ledger = settings, ledger

    def open(self, feed: str) -> None:
        self.ledger.open_feed(feed, TOPIC_UUID, "1")

    def begin(self, feed: str, count: int) -> int:
        """A pending load of the next `count` records of partition 0."""
        start = self.ledger.committed_offsets(feed).get(0, 0)
        return self.ledger.begin_load(feed, TOPIC_UUID, {0: start}, {0: start + count}, "1")

    def write(self, load_id: int, feed: str, records: Iterable[Record]) -> None:
        """One task: its transaction holds the load, duplicates are skipped by the primary key."""
        connection = loader_connection(self.settings, self.ledger.app, self.ledger.epoch)
        try:
            hold_load(connection, load_id, self.ledger.epoch, feed)
            cursor = connection.cursor()
            for offset, record in enumerate(records):
                cursor.execute(*_insert(load_id, feed, offset, record))
            connection.commit()
        finally:
            connection.close()

    def commit(
        self, load_id: int, records: Iterable[Record], replacements: Iterable[Replacement] = (), feed: str = ""
    ) -> LoadCounts:
        """With what the load's tasks have summed up, where its feed is named."""
        read = list(records)
        of_sources = [source_read(read, source) for source in sources(read)]
        of_all = LoadRead(of_sources, list(replacements), sums=sums(feed, read) if feed else {})
        return self.ledger.commit_load(load_id, of_all)

    def load(self, feed: str, records: list[Record], *replacements: Replacement) -> LoadCounts:
        """A whole load."""
        load_id = self.begin(feed, len(records))
        self.write(load_id, feed, records)
        return self.commit(load_id, records, replacements, feed)


def sources(records: Iterable[Record]) -> list[int]:
    return sorted({record.source for record in records})


def sums(feed: str, records: Iterable[Record]) -> dict[str, Summed]:
    """What two tasks would sum up, of which each has every second record."""
    good = [record.values for record in records if not record.refused]
    rows: list[Any] = []
    for part in (good[::2], good[1::2]):
        task = RollupSums(TOYS[feed])
        task.add(as_batch(TOYS[feed], part))
        rows += [SimpleNamespace(**row) for row in task.rows()]
    return rollup_sums(TOYS[feed], rows)


def as_batch(contract: Contract, rows: Sequence[Mapping[str, Any]]) -> pa.RecordBatch:
    """The rows' values in the types of a cleaned batch."""
    texts = {name: [None if row.get(name) is None else str(row[name]) for row in rows] for name in contract.names}
    kinds = {name: arrow_type(contract.column(name).column_type) for name in contract.names}
    return pa.record_batch({name: pa.array(texts[name], pa.string()).cast(kinds[name]) for name in contract.names})


def source_read(records: Iterable[Record], source: int) -> SourceRead:
    """What the executors would count of the source."""
    own = [record for record in records if record.source == source]
    sent = [record.sent_at for record in own]
    version = max((record.version for record in own if record.version is not None), default=None)
    return SourceRead(source, len(own), min(sent), max(sent), version=version)


def _insert(load_id: int, feed: str, offset: int, record: Record) -> tuple[str, tuple[Any, ...]]:
    values = {"source_id": record.source, "row_no": record.row, "load_id": load_id, "sent_at": record.sent_at}
    position = {"kafka_partition": 0, "kafka_offset": offset}
    if record.refused:
        table = "quarantine"
        reasons = '[{"column": "number", "value": "x", "reason": "is no number"}]'
        values |= position | {"feed": feed, "topic": feed, "reasons": reasons, "quarantined_at": NOON}
    else:
        target = load_target(TOYS[feed])
        table = target.name
        values |= record.values | (position if "kafka_offset" in target.columns else {})
    marks = ", ".join(["%s"] * len(values))
    return f"INSERT IGNORE INTO {table} ({', '.join(values)}) VALUES ({marks})", tuple(values.values())


def later(minutes: int) -> datetime:
    """Minutes after NOON."""
    return NOON + timedelta(minutes=minutes)


def is_waiting_for_a_row() -> bool:
    """Whether a session of the scratch database waits for a lock that another one holds."""
    waiting = (
        "SELECT COUNT(*) FROM performance_schema.data_lock_waits w JOIN performance_schema.threads t"
        f" ON t.thread_id = w.requesting_thread_id WHERE t.processlist_db = '{DATABASE}'"
    )
    return int(as_root(waiting)) > 0


class Scratch:
    """Questions to the scratch database, as an account with all rights on it."""

    def __init__(self, engine: Any) -> None:
        self.engine = engine

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with self.engine.begin() as connection:
            return [tuple(row) for row in connection.execute(text(query))]

    def one(self, query: str) -> Any:
        ((value,),) = self.rows(query)
        return value

    def run(self, statement: str) -> None:
        with self.engine.begin() as connection:
            connection.execute(text(statement))

    def kill_all_of(self, user: str) -> None:
        """End every connection of the user's account, as a restart of MySQL would."""
        own = connect(account(user))
        with own.connect() as connection:
            query = "SELECT id FROM information_schema.processlist WHERE id <> CONNECTION_ID() AND db = :db"
            for thread in connection.scalars(text(query), {"db": DATABASE}).all():
                connection.execute(text(f"KILL {thread}"))
        own.dispose()

    def empty(self) -> None:
        """No row in any table."""
        with self.engine.begin() as connection:
            names = connection.scalars(
                text(
                    "SELECT table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE'"
                    " AND table_schema = DATABASE() AND table_name NOT IN ('alembic_version', 'pipeline_contract')"
                )
            ).all()
            for name in names:
                if connection.scalar(text(f"SELECT 1 FROM `{name}` LIMIT 1")):
                    connection.execute(text(f"DELETE FROM `{name}`"))
