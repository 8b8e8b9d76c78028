"""The state of the lab as one record: what the screen and `--json` both show."""

from collections.abc import Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from lab.observe.ledger import (
    Counts,
    FeedHealth,
    JobHealth,
    feed_health,
    feeds_with_tables,
    job_health,
    read_notices,
    stream_alive,
    stream_epoch,
)
from lab.observe.machines import MachineStatus, machine_problems, machine_statuses, machine_warnings
from lab.observe.services import SERVICES, STREAM_UNIT, ServiceStatus, dashboards, service_problem, service_status
from lab.observe.warehouse import warehouse
from lab.sentences import feed_life as life_words
from lab.sentences import status as sentences
from millrace.errors import Refused
from millrace.kafka.broker import Broker
from millrace.settings import Lab, Settings
from sql.notices import Notice
from sql.schema.ledger_tables import WAITING_SECONDS

KAFKA_MS = 3000


@dataclass(frozen=True)
class FeedStatus:
    """A feed's way from topic to table; None is unknown.

    `lag` counts records in Kafka that are not committed, `behind_seconds` is the age of the oldest of them; `origin`,
    what kind of source the newest came from, tells simulated records from real ones.
    """

    feed: str
    state: str
    message: str
    topic_records: int | None = None
    lag: int | None = None
    rows: int | None = None
    quarantined: int | None = None
    behind_seconds: float | None = None
    last_load_seconds: float | None = None
    origin: str | None = None
    counts: Counts | None = None

    @property
    def right(self) -> bool:
        """Whether the feed runs, or is about to."""
        return self.state in {"running", "starting"}


@dataclass(frozen=True)
class LabStatus:
    """Everything on the screen. `problems` are sentences; an empty list means that all is well, for now: `warnings`."""

    machines: list[MachineStatus]
    services: list[ServiceStatus]
    feeds: list[FeedStatus]
    jobs: list[JobHealth]
    notices: list[Notice]
    dashboards: dict[str, str]
    problems: list[str]
    warnings: list[str] = field(default_factory=list)
    resets: dict[str, str] = field(default_factory=dict)
    ledger_unknown: str = ""
    epoch: int | None = None

    @property
    def is_stream_heard(self) -> bool:
        """Whether the stream is alive, as far as the ledger tells."""
        return all(service.up for service in self.services if service.service == STREAM_UNIT)

    def as_json(self) -> dict[str, Any]:
        """The record as plain values, and whether all is well."""
        return {"ok": not self.problems, **asdict(self)}


def collect(lab: Lab, settings: Settings) -> LabStatus:
    """Asks everything at once; each question has its own short deadline, so a silent machine costs two seconds."""
    with ThreadPoolExecutor(max_workers=16) as pool:
        machines, with_facts = machine_statuses(lab, pool)
        up = {machine.machine for machine in machines if machine.up}
        ends = pool.submit(topic_ends, settings, lab.feeds) if "kafka" in up else None
        ledger = pool.submit(read_ledger, settings) if "mysql" in up else None
        probed = [service for service in SERVICES if service.port]
        services = list(pool.map(lambda service: service_status(lab, service, service.machine in up), probed))
        machines = [with_facts(machine) for machine in machines]
    found = ledger.result() if ledger else Ledger(why=sentences.MYSQL_OFF)
    health, alive = found.health, found.alive
    if alive is not None:
        address = lab.address("spark")
        services.insert(-1, ServiceStatus(STREAM_UNIT, "spark", address, alive))
    offsets = ends.result() if ends else {}
    feeds = [feed_status(feed, health.get(feed), offsets.get(feed), is_heard=alive is not False) for feed in lab.feeds]
    feeds = [feed if found.has_tables(feed.feed) else without_tables(feed) for feed in feeds]
    problems = list(problems_of(machines, services, feeds, found.why, found.resets))
    problems += [f"feed {notice.feed}: {notice.message}" for notice in found.notices if notice.kind == "trouble"]
    return LabStatus(
        machines=machines,
        services=services,
        feeds=feeds,
        jobs=found.jobs,
        notices=found.notices,
        dashboards=dashboards(lab),
        problems=problems,
        warnings=list(machine_warnings(machines)),
        resets=found.resets,
        ledger_unknown=found.why,
        epoch=found.epoch,
    )


def topic_ends(settings: Settings, feeds: Collection[str]) -> dict[str, dict[int, int]]:
    """Each topic's end offsets; empty when the broker does not answer."""
    broker = Broker(settings.kafka_account, timeout_ms=KAFKA_MS)
    try:
        return broker.ends(feeds)
    except Refused:
        return {}
    finally:
        broker.close()


@dataclass(frozen=True)
class Ledger:
    """What MySQL says: each feed's and batch job's health, whether the stream is alive (None: unknown, and `why`)."""

    health: dict[str, FeedHealth] = field(default_factory=dict)
    alive: bool | None = None
    why: str = ""
    jobs: list[JobHealth] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    resets: dict[str, str] = field(default_factory=dict)
    epoch: int | None = None
    tables: frozenset[str] | None = None
    """Feeds that have tables; None: unknown."""

    def has_tables(self, feed: str) -> bool:
        """Whether the feed has tables, as far as MySQL can say."""
        return self.tables is None or feed in self.tables


def read_ledger(settings: Settings) -> Ledger:
    """Asks MySQL for all of it."""
    try:
        with warehouse(settings) as connection:
            notices, resets = read_notices(connection)
            return Ledger(
                health=feed_health(connection),
                alive=stream_alive(connection),
                jobs=job_health(connection),
                notices=notices,
                resets=resets,
                epoch=stream_epoch(connection),
                tables=feeds_with_tables(connection),
            )
    except Refused as refused:
        return Ledger(why=str(refused))


def feed_status(
    feed: str, health: FeedHealth | None, ends: dict[int, int] | None, *, is_heard: bool = True
) -> FeedStatus:
    """Joins what the ledger committed with what the topic holds; of a stream that is not heard no state is known."""
    records = None if ends is None else sum(ends.values())
    if health is None:
        return FeedStatus(feed, "unknown", "", topic_records=records)
    lag = None if ends is None else sum(max(0, end - health.committed.get(number, 0)) for number, end in ends.items())
    state, message = state_of(health, lag) if is_heard else ("unknown", health.message)
    return FeedStatus(
        feed=feed,
        state=state,
        message=message,
        topic_records=records,
        lag=lag,
        rows=health.rows,
        quarantined=health.quarantined,
        # The stream writes it down every ten seconds; what Kafka has told now is newer.
        behind_seconds=0.0 if lag == 0 else health.behind_seconds,
        last_load_seconds=health.last_load_seconds,
        origin=health.origin,
        counts=health.counts,
    )


def without_tables(feed: FeedStatus) -> FeedStatus:
    """Whatever the ledger says of it: nothing of the feed can be loaded."""
    return replace(feed, state=sentences.NO_TABLES, message="")


def state_of(health: FeedHealth, lag: int | None) -> tuple[str, str]:
    """The feed's state and message by the ledger; what is called running and does not move is waiting."""
    waited, since = health.behind_seconds or 0.0, health.last_load_seconds
    is_idle = since is None or since >= WAITING_SECONDS
    if health.state == "running" and lag and waited >= WAITING_SECONDS and is_idle:
        return "waiting", sentences.WAITS_WITHOUT_REASON.format(lag=lag, seconds=waited)
    return health.state, health.message


def problems_of(
    machines: Collection[MachineStatus],
    services: Iterable[ServiceStatus],
    feeds: Iterable[FeedStatus],
    why: str,
    resets: Collection[str] = (),
) -> Iterable[str]:
    """One sentence per thing that is wrong; what a silent machine or stream takes with it is not told again."""
    silent = {machine.machine for machine in machines if not machine.up}
    yield from machine_problems(machines)
    for service in services:
        if not service.up and service.machine not in silent:
            yield service_problem(service)
    if why and "mysql" not in silent:
        yield sentences.NO_LEDGER.format(why=why)
    if not why and all(service.up for service in services if service.service == STREAM_UNIT):
        yield from (life_words.RESET_UNDER_WAY.format(feed=feed) for feed in resets)
        yield from (feed_problem(feed) for feed in feeds if not feed.right and feed.feed not in resets)


def feed_problem(feed: FeedStatus) -> str:
    """What to do about a feed that does not run."""
    if feed.state == sentences.NO_TABLES:
        return sentences.FEED_HAS_NO_TABLES.format(feed=feed.feed)
    if feed.state == "unknown":
        return sentences.FEED_UNKNOWN_TO_STREAM.format(feed=feed.feed)
    return sentences.FEED_NOT_RUNNING.format(
        feed=feed.feed, state=feed.state, message=feed.message or sentences.NO_REASON
    )
