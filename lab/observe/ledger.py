"""What the commands read from MySQL, as the read-only account: the ledger's view of every feed."""

from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, and_, func, select, text

from millrace.contract.contract import Contract
from sql import contracts_in_use, requests
from sql.notices import Notice, all_notices
from sql.schema import ledger_tables as ledger
from sql.schema.batch_tables import batch_job
from sql.schema.feed_tables import fact_table

JsonDocument = str | bytes | dict[str, Any] | None
LATE_SECONDS = 3600.0
"""Batch jobs run several times an hour."""


@dataclass(frozen=True)
class FeedState:
    """A feed in the ledger; `committed` is the committed end per partition."""

    feed: str
    state: str
    message: str
    committed: dict[int, int]


@dataclass(frozen=True)
class Counts:
    """What became of records: read = loaded + updated + duplicates + quarantined."""

    read: int = 0
    loaded: int = 0
    updated: int = 0
    duplicates: int = 0
    quarantined: int = 0

    @property
    def accounted(self) -> int:
        """Records that are accounted for."""
        return self.loaded + self.updated + self.duplicates + self.quarantined


@dataclass(frozen=True)
class FeedHealth(FeedState):
    """Its totals too; ages in seconds, of the oldest record that still waits and of the last load."""

    read: int
    rows: int
    quarantined: int
    behind_seconds: float | None
    last_load_seconds: float | None
    origin: str | None = None
    """What kind of source the newest records came from: file, api, device, simulator, console."""
    counts: Counts = Counts()


@dataclass(frozen=True)
class JobHealth:
    """A batch job: how its last run ended, and seconds since one ended well (None: none did)."""

    job: str
    state: str
    message: str
    done_seconds: float | None

    @property
    def right(self) -> bool:
        """Whether results are there that are no older than a few runs; a run that was killed leaves no record."""
        return self.state == "done" and self.done_seconds is not None and self.done_seconds < LATE_SECONDS


def offsets(document: JsonDocument) -> dict[int, int]:
    """Offsets as the ledger keeps them, {"0": 17}, with whole-number partitions."""
    if document is None:
        return {}
    known = orjson.loads(document) if isinstance(document, str | bytes) else document
    return {int(partition): int(offset) for partition, offset in known.items()}


def feed_state(connection: Connection, feed: str) -> FeedState | None:
    """The feed's row in the ledger; None when the stream has never started it."""
    of = ledger.feed_table.c
    row = connection.execute(select(of.state, of.message, of.end_offsets).where(of.feed == feed)).one_or_none()
    return None if row is None else FeedState(feed, row.state, row.message or "", offsets(row.end_offsets))


def job_health(connection: Connection) -> list[JobHealth]:
    """Every batch job that has run, by name."""
    of = batch_job.c
    since = func.timestampdiff(text("SECOND"), of.done_at, func.utc_timestamp(3))
    rows = connection.execute(select(of.job, of.state, of.message, since.label("since")).order_by(of.job))
    return [JobHealth(row.job, row.state, row.message, None if row.since is None else float(row.since)) for row in rows]


def feed_health(connection: Connection) -> dict[str, FeedHealth]:
    """Every feed the stream knows, by name."""
    of, load = ledger.feed_table.c, ledger.load_table.c
    source = ledger.source.c
    newest = select(source.origin).where(source.feed == of.feed).order_by(source.load_id.desc())
    origin = newest.limit(1).correlate(ledger.feed_table).scalar_subquery()
    last_load = func.timestampdiff(text("SECOND"), load.finished_at, func.utc_timestamp(3))
    rows = connection.execute(
        select(of.feed, of.state, of.message, of.end_offsets, of.read_count, of.table_rows, of.quarantined)
        .add_columns(of.loaded, of.updated, of.duplicates)
        .add_columns(of.freshness_seconds, last_load.label("last_load"), origin.label("origin"))
        .select_from(ledger.feed_table.outerjoin(ledger.load_table, load.load_id == of.committed_load_id))
    )
    return {
        row.feed: FeedHealth(
            feed=row.feed,
            state=row.state,
            message=row.message or "",
            committed=offsets(row.end_offsets),
            read=row.read_count,
            rows=row.table_rows,
            quarantined=row.quarantined,
            behind_seconds=row.freshness_seconds,
            last_load_seconds=row.last_load,
            origin=row.origin,
            counts=Counts(row.read_count, row.loaded, row.updated, row.duplicates, row.quarantined),
        )
        for row in rows
    }


def feeds_with_tables(connection: Connection) -> frozenset[str]:
    """The feeds whose tables were made."""
    return frozenset(feed for feed, made in contracts_in_use.read(connection).items() if made.version is not None)


def newest_version(connection: Connection, feed: str, source: int) -> int:
    """The newest version of the source of which a record is committed, 0 where none is named; -1: nothing of it is."""
    table = ledger.source.c
    known = select(func.coalesce(table.version, 0)).where(table.feed == feed, table.source_id == source)
    found = connection.execute(known).scalar_one_or_none()
    return -1 if found is None else int(found)


def newest_load(connection: Connection) -> int:
    """The highest load id given out so far, 0 before the first."""
    return int(connection.execute(select(func.coalesce(func.max(ledger.load_table.c.load_id), 0))).scalar_one())


def counts_of_source(connection: Connection, feed: str, source: int, after_load: int) -> Counts:
    """What became of a source's records in the feed's committed loads after `after_load`."""
    per_source, load = ledger.load_source.c, ledger.load_table.c
    names = {"read": "read_count"} | {name: name for name in ("loaded", "updated", "duplicates", "quarantined")}
    sums = connection.execute(
        select(*(func.sum(per_source[column]).label(name) for name, column in names.items()))
        .join(ledger.load_table, load.load_id == per_source.load_id)
        .where(load.feed == feed, load.state == "committed", load.load_id > after_load, per_source.source_id == source)
    ).mappings()
    return Counts(**{name: int(number or 0) for name, number in sums.one().items()})


def has_all_of(connection: Connection, contract: Contract, source: int, records: int) -> bool:
    """Whether that many records of a source have come: they are in the table or open in quarantine.

    Of an upsert feed, whose older versions are in neither, so many were read.
    """
    if contract.mode == "upsert":
        of = ledger.source.c
        read = connection.scalar(select(of.read_count).where(of.feed == contract.feed, of.source_id == source))
        return (read or 0) >= records
    newest = select(ledger.feed_table.c.committed_load_id).where(ledger.feed_table.c.feed == contract.feed)
    fact, refused = fact_table(contract).c, ledger.quarantine.c
    is_open = and_(refused.feed == contract.feed, refused.resolved_load_id.is_(None))
    counts = (
        select(func.count()).where(fact.source_id == source, fact.load_id <= newest.scalar_subquery()),
        select(func.count()).where(is_open, refused.source_id == source, refused.load_id <= newest.scalar_subquery()),
    )
    return sum(connection.scalar(count) or 0 for count in counts) >= records


def newest_row(connection: Connection, contract: Contract, source: int) -> int:
    """The number of the last record of a source that is in the feed's table; 0 where none is."""
    of = fact_table(contract).c
    return connection.scalar(select(func.max(of.row_no)).where(of.source_id == source)) or 0


def stream_alive(connection: Connection) -> bool:
    """Whether an application holds the lease on the ledger."""
    app = ledger.app_table
    alive = select(func.count()).select_from(app).where(app.c.lease_until > func.utc_timestamp(3))
    return bool(connection.execute(alive).scalar_one())


def stream_epoch(connection: Connection) -> int | None:
    """The number of the newest ownership of the ledger; None where nobody has ever loaded."""
    return connection.execute(select(func.max(ledger.app_table.c.epoch))).scalar_one_or_none()


def read_notices(connection: Connection) -> tuple[list[Notice], dict[str, str]]:
    """What the producers tell people, and the feeds that are starting over with how far each is."""
    return all_notices(connection), requests.read(connection).resets
