"""Every simulator at work: a number of records at once, then some per second, on from where the journal stands.

A feed's simulator is the module producer/simulate/<feed>.py with `VERSION` and `records(seed, after)`: endless records,
header → raw text, where record number n (from 1) depends on the seed and n alone. Nothing has to be registered.
"""

import signal
import time
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.util import find_spec
from itertools import islice
from typing import Protocol, cast

from feeds.contract import load_contract
from feeds.errors import Refused
from feeds.event import EventWriter
from feeds.identity import simulator_source
from producer.outlet import Outlet
from producer.simulate import insurance_run
from producer.simulate.insurance import blocks
from producer.simulate.lane import Lane, Simulated, trickle
from producer.simulate.rates import rate_records

RATES = insurance_run.FEEDS[-1]
Stopped = Callable[[], bool]


class Simulator(Protocol):
    """A feed's module."""

    VERSION: int
    """Raised with every change of what is generated: other data, other identities."""

    def records(self, seed: int, after: int = 0) -> Iterator[dict[str, str]]:
        """The records behind number `after`, without end."""


def has_simulator(feed: str) -> bool:
    """Whether the feed's records can be made up, by itself."""
    return feed == RATES or _has_module(feed)


def simulated_with(feed: str) -> tuple[str, ...]:
    """The feeds that this feed's simulator sends to, itself among them."""
    return insurance_run.FEEDS if feed == RATES else (feed,)


def records_of(feed: str, seed: int, after: int = 0) -> Iterator[dict[str, str]]:
    """A feed's made-up records behind number `after`, without end."""
    if feed == RATES:
        return islice(rate_records(blocks(seed)), after, None)
    return _module(feed).records(seed, after)


def simulate(  # noqa: PLR0913 - the run's settings
    outlet: Outlet,
    feed: str,
    *,
    seed: int,
    first: int,
    per_second: float = 0,
    count: int | None = None,
    stopped: Stopped = lambda: False,
    paused: Callable[[], bool] = lambda: False,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Simulated:
    """Bring the feed to `first` records as fast as possible, then add `per_second` until `stopped`, at most `count`.

    A run that was killed goes on from its journal; a position beyond `first` sends nothing at first. Progress is
    called with (records in Kafka, first). While `paused`, nothing is added.
    """
    if feed == RATES:
        return insurance_run.simulate(
            outlet, seed=seed, first=first, per_second=per_second, count=count, stopped=stopped, progress=progress
        )
    began = time.monotonic()
    simulator = _module(feed)
    source = simulator_source(feed, seed, "", simulator.VERSION)
    name = f"simulator, seed {seed}"
    lane = Lane(outlet, feed, source, name, f"version {simulator.VERSION}", lambda row: progress(row, first))
    try:
        events = _events(feed, source, lane.row, simulator.records(seed, lane.row))
        lane.send(_until(stopped, islice(events, max(0, first - lane.row))))
        for due in trickle(per_second, stopped, paused, count) if per_second > 0 else ():
            lane.send(list(islice(events, due)))
    finally:
        lane.close()
    ends = {feed: lane.start | lane.stream.ends}
    return Simulated(feed, {feed: lane.stream.sent}, lane.row, time.monotonic() - began, ends)


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
    """Helpers of simulators lie in the same folder, so the name alone does not make one."""
    found = find_spec(f"producer.simulate.{feed}") is not None
    return found and hasattr(import_module(f"producer.simulate.{feed}"), "records")


def _module(feed: str) -> Simulator:
    load_contract(feed)
    if not _has_module(feed):
        raise Refused(f"The feed {feed} has no simulator: producer/simulate/{feed}.py would be it.")
    return cast("Simulator", import_module(f"producer.simulate.{feed}"))
