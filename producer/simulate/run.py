"""Every simulator at work: a number of records at once, then some per second, on from where the journal stands.

A feed's simulator is the module feeds/<feed>/simulator.py with `VERSION` and `records(seed, after)`: endless records,
header → raw text, where record number n (from 1) depends on the seed and n alone. Nothing has to be registered.
"""

import signal
import time
from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from itertools import islice
from typing import NamedTuple, Protocol, cast

from millrace.contract.contract import load_contract
from millrace.errors import Refused
from millrace.record.event import EventWriter
from millrace.record.identity import simulator_source
from producer.kafka.outlet import Outlet
from producer.simulate import insurance
from producer.simulate.pace import Pace
from producer.simulate.simulated_feed import Simulated, SimulatedFeed, trickle

RATES = insurance.FEEDS[-1]
Stopped = Callable[[], bool]
Progress = Callable[[int], None]
"""Called with the number of the last record that is in Kafka."""
Loaded = Callable[[str, int], int]
"""Gives the number of the last record of a feed's source that MySQL has."""


class Simulator(Protocol):
    """A feed's module."""

    VERSION: int
    """Raised with every change of what is generated: other data, other identities."""

    def records(self, seed: int, after: int = 0) -> Iterator[dict[str, str]]:
        """The records behind number `after`, without end."""


class Run(Protocol):
    """A simulator at work, from where the journal stands."""

    feeds: dict[str, SimulatedFeed]
    """By feed; its own comes last."""

    def send_up_to(self, rows: int, stopped: Stopped) -> None:
        """Send what is missing up to record number `rows`."""

    def add(self, count: int) -> None:
        """Send so many records more."""

    def close(self) -> None:
        """Give up what is not acknowledged, and journal the position."""


class Maker(NamedTuple):
    """How a feed's records are made up, and which feeds they go to."""

    feeds: tuple[str, ...]
    records: Callable[[int, int], Iterator[dict[str, str]]]
    run: Callable[[Outlet, int, Progress], Run]


TOGETHER = {RATES: Maker(insurance.FEEDS, insurance.records, insurance.InsuranceRun)}
"""Feeds whose records are made up together with another feed's; every other has a module of its own."""


class FeedRun:
    """See Run. Sends what the feed's module makes up."""

    def __init__(self, feed: str, simulator: Simulator, outlet: Outlet, seed: int, progress: Progress) -> None:
        source = simulator_source(feed, seed, "", simulator.VERSION)
        name = f"simulator, seed {seed}"
        self._simulated = SimulatedFeed(outlet, feed, source, name, f"version {simulator.VERSION}", progress)
        self.feeds = {feed: self._simulated}
        self._events = _events(feed, source, self._simulated.row, simulator.records(seed, self._simulated.row))

    def send_up_to(self, rows: int, stopped: Stopped) -> None:
        """See Run."""
        self._simulated.send(_until(stopped, islice(self._events, max(0, rows - self._simulated.row))))

    def add(self, count: int) -> None:
        """See Run."""
        self._simulated.send(list(islice(self._events, count)))

    def close(self) -> None:
        """See Run."""
        self._simulated.close()


def has_simulator(feed: str) -> bool:
    """Whether the feed's records can be made up, by itself."""
    return feed in TOGETHER or _has_module(feed)


def simulated_with(feed: str) -> tuple[str, ...]:
    """The feeds that this feed's simulator sends to, itself among them."""
    return TOGETHER[feed].feeds if feed in TOGETHER else (feed,)


def records_of(feed: str, seed: int, after: int = 0) -> Iterator[dict[str, str]]:
    """A feed's made-up records behind number `after`, without end."""
    return _maker(feed).records(seed, after)


def simulate(  # noqa: PLR0913 - the run's settings
    outlet: Outlet,
    feed: str,
    *,
    seed: int,
    first: int,
    pace: Pace | None = None,
    count: int | None = None,
    loaded: Loaded = lambda _feed, _source: 0,
    stopped: Stopped = lambda: False,
    paused: Callable[[], bool] = lambda: False,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
    slowed: Callable[[int, Pace], None] = lambda _row, _pace: None,
) -> Simulated:
    """Bring the feed to `first` records as fast as possible, then add more at a pace until `stopped`, at most `count`.

    A run that was killed goes on from its journal; a position beyond `first` sends nothing at first. Where topic or
    journal is another one, what was `loaded` once comes as fast: at the pace nothing new would for as long as it took.
    Progress is called with (records in Kafka, first). While `paused`, nothing is added. `slowed` is called with the
    position at the beginning, and whenever the pace has halved once more.
    """
    began = time.monotonic()
    run = _maker(feed).run(outlet, seed, lambda row: progress(row, first))
    try:
        run.send_up_to(max(first, loaded(feed, run.feeds[feed].source)), stopped)
        if pace and pace.per_second > 0:
            _go_on(run, feed, pace, trickle(lambda: pace.at(run.feeds[feed].row), stopped, paused, count), slowed)
    finally:
        run.close()
    return Simulated(
        feed=feed,
        sent={name: simulated.stream.sent for name, simulated in run.feeds.items()},
        rows=run.feeds[feed].row,
        seconds=time.monotonic() - began,
        end_offsets={name: simulated.start | simulated.stream.ends for name, simulated in run.feeds.items()},
    )


def _go_on(run: Run, feed: str, pace: Pace, trickle: Iterator[int], slowed: Callable[[int, Pace], None]) -> None:
    reported = int(pace.halvings(run.feeds[feed].row))
    slowed(run.feeds[feed].row, pace)
    for due in trickle:
        run.add(due)
        if (halvings := int(pace.halvings(run.feeds[feed].row))) != reported:
            reported = halvings
            slowed(run.feeds[feed].row, pace)


def _maker(feed: str) -> Maker:
    if feed in TOGETHER:
        return TOGETHER[feed]
    simulator = _module(feed)
    return Maker((feed,), simulator.records, partial(FeedRun, feed, simulator))


def stop_on_signals() -> Stopped:
    """A question that is answered yes once the process was asked to end; the position is journalled by then."""
    asked: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        # No lock: a second signal may come while the first is being handled, and would wait for it without end.
        signal.signal(number, lambda number, _frame: asked.append(number))
    return lambda: bool(asked)


def _events(feed: str, source: int, position: int, records: Iterator[dict[str, str]]) -> Iterator[tuple[int, bytes]]:
    writer = EventWriter(feed, source, (), origin="simulator")
    for row, record in enumerate(records, start=position + 1):
        yield row, writer.encode_texts(row, record)


def _until(stopped: Stopped, events: Iterator[tuple[int, bytes]]) -> Iterator[tuple[int, bytes]]:
    for event in events:
        if stopped():
            return
        yield event


def _has_module(feed: str) -> bool:
    """One that others send along with has a module too, but no records of its own."""
    try:
        found = find_spec(f"feeds.{feed}.simulator") is not None
    except ModuleNotFoundError:  # nor a folder: a feed that is not shipped
        return False
    return found and hasattr(import_module(f"feeds.{feed}.simulator"), "records")


def _module(feed: str) -> Simulator:
    load_contract(feed)
    if not _has_module(feed):
        raise Refused(f"The feed {feed} has no simulator: feeds/{feed}/simulator.py would be it.")
    return cast("Simulator", import_module(f"feeds.{feed}.simulator"))
