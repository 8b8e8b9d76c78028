"""What `make status` shows, as metrics that Prometheus reads: names, meanings and values in tables."""

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from threading import Lock
from typing import Any, NamedTuple, get_args

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from lab.observe.machines import MachineStatus
from lab.observe.status import FeedStatus, LabStatus
from sql.ledger.ledger import FeedState

KEPT_SECONDS = 5.0
"""Who asks more often is told the same once more."""
STATES = (*get_args(FeedState), "unknown")


class Measure(NamedTuple):
    """A metric, its meaning, and how it is read from what is known; None is not shown."""

    name: str
    meaning: str
    value: Callable[[Any], float | None]


FEED_GAUGES = (
    Measure("lag_records", "Records in Kafka that are not committed in MySQL", lambda feed: feed.lag),
    Measure("topic_records", "Records that the topic has ever been given", lambda feed: feed.topic_records),
    Measure("rows", "Rows of the table that readers see", lambda feed: feed.rows),
    Measure("behind_seconds", "Age of the oldest record that is not committed", lambda feed: feed.behind_seconds),
    Measure("last_load_seconds", "Time since the last load was committed", lambda feed: feed.last_load_seconds),
)
FEED_COUNTERS = (
    Measure("read_records", "Records read from the topic", lambda counts: counts.read),
    Measure("loaded_records", "Records that became a new row", lambda counts: counts.loaded),
    Measure("updated_records", "Records that replaced an older one", lambda counts: counts.updated),
    Measure("duplicate_records", "Records that changed nothing", lambda counts: counts.duplicates),
    Measure("quarantined_records", "Records refused", lambda counts: counts.quarantined),
)
"""Of a feed's counts; they begin anew when it starts over."""
MACHINE_GAUGES = (
    Measure("disk_used_bytes", "Disk in use", lambda facts: facts.disk_used),
    Measure("disk_size_bytes", "Disk in use and free", lambda facts: facts.disk_size),
    Measure("memory_used_bytes", "Memory that cannot be given back", lambda facts: facts.memory_used),
    Measure("memory_size_bytes", "Memory that the machine may have", lambda facts: facts.memory_size),
    Measure("clock_ahead_seconds", "How far its clock is ahead of kafka's", lambda facts: facts.clock_ahead),
    Measure("failed_units", "Units of systemd that have failed", lambda facts: len(facts.failed)),
)
"""Of what a machine tells."""


class LabCollector(Collector):
    """Asks for the lab's state when Prometheus does, by one thread at a time."""

    def __init__(self, ask: Callable[[], LabStatus], clock: Callable[[], float] = time.monotonic) -> None:
        self._ask, self._clock, self._lock = ask, clock, Lock()
        self._known: tuple[float, LabStatus] | None = None

    def collect(self) -> Iterator[Metric]:
        """Every metric, as of a few seconds ago at the most."""
        with self._lock:
            if self._known is None or self._clock() - self._known[0] > KEPT_SECONDS:
                self._known = (self._clock(), self._ask())
            found = self._known[1]
        yield from metrics(found)


def metrics(found: LabStatus) -> Iterator[Metric]:
    """The metrics of one state of the lab."""
    yield from of_feeds(found.feeds)
    yield from of_machines(found.machines)
    up = GaugeMetricFamily("millrace_service_up", "Whether the service answers", labels=["service", "machine"])
    for service in found.services:
        up.add_metric([service.service, service.machine], service.up)
    yield up
    if found.epoch is not None:
        yield GaugeMetricFamily("millrace_stream_epoch", "Which owner of the ledger loads", value=found.epoch)
    yield GaugeMetricFamily("millrace_problems", "What `make status` calls wrong", value=len(found.problems))
    yield GaugeMetricFamily("millrace_warnings", "What `make status` warns of", value=len(found.warnings))


def of_feeds(feeds: Collection[FeedStatus]) -> Iterator[Metric]:
    """What is told of each feed."""
    yield from measured(GaugeMetricFamily, "feed", FEED_GAUGES, {feed.feed: feed for feed in feeds})
    counts = {feed.feed: feed.counts for feed in feeds if feed.counts}
    yield from measured(CounterMetricFamily, "feed", FEED_COUNTERS, counts)
    state = GaugeMetricFamily("millrace_feed_state", "1 for the state that the feed is in", labels=["feed", "state"])
    for feed in feeds:
        for each in STATES:
            state.add_metric([feed.feed, each], feed.state == each)
    yield state


def of_machines(machines: Collection[MachineStatus]) -> Iterator[Metric]:
    """What is told of each machine."""
    up = Measure("up", "Whether the machine answers", lambda machine: machine.up)
    yield from measured(GaugeMetricFamily, "machine", [up], {machine.machine: machine for machine in machines})
    facts = {machine.machine: machine.facts for machine in machines if machine.facts}
    yield from measured(GaugeMetricFamily, "machine", MACHINE_GAUGES, facts)


def measured(
    family: type[GaugeMetricFamily] | type[CounterMetricFamily],
    label: str,
    measures: Iterable[Measure],
    of: Mapping[str, object],
) -> Iterator[Metric]:
    """A metric per measure, with the value of each that has one."""
    for measure in measures:
        metric = family(f"millrace_{label}_{measure.name}", measure.meaning, labels=[label])
        for name, one in of.items():
            if (value := measure.value(one)) is not None:
                metric.add_metric([name], value)
        yield metric
