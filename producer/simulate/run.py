"""The simulator of insurance rates at work: plans first, then a number of rates at once, then some per second."""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain, takewhile

from feeds.contract import load_contract
from feeds.errors import Refused
from feeds.identity import simulator_source
from producer.file import Topic
from producer.journal import Entry, Journal
from producer.publisher import Publisher
from producer.room import ReadUpTo, Room
from producer.simulate import plans, rates
from producer.simulate.calibration import fingerprint
from producer.simulate.insurance import VERSION, Block, blocks
from producer.stream import Stream

FEEDS = (plans.FEED, rates.FEED)
TICK = 0.2
"""Seconds between the small batches of a trickle."""


@dataclass(frozen=True)
class Simulated:
    """What this run sent. `rows` is the position: every rate up to that sequence number is in Kafka."""

    plans_sent: int
    rates_sent: int
    rows: int
    seconds: float
    end_offsets: dict[str, dict[int, int]] = field(default_factory=dict)


@dataclass(frozen=True)
class Outlet:
    """Where simulated events go: a publisher per feed, what the broker knows of topics, the journal, and the ledger:

    `read_up_to(feed)` gives the question how far that feed is committed, or None.
    """

    publisher: Callable[[str], Publisher]
    topic: Topic
    journal: Journal
    read_up_to: Callable[[str], ReadUpTo | None] = lambda _feed: None


def simulate(  # noqa: PLR0913 - the run's settings
    outlet: Outlet,
    *,
    seed: int,
    rows: int,
    per_second: float = 0,
    stopped: Callable[[], bool] = lambda: False,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Simulated:
    """Bring the feed to `rows` rates as fast as possible, then add `per_second` until `stopped`.

    A run that was killed goes on from its journal; a position beyond `rows` sends nothing at first. Progress is
    called with (rates in Kafka, rows).
    """
    began = time.monotonic()
    run = _Run(outlet, seed, progress, rows)
    try:
        run.load(rows, stopped)
        if per_second > 0:
            run.trickle(per_second, stopped)
    finally:
        run.close()
    return Simulated(
        plans_sent=run.lane[plans.FEED].stream.sent,
        rates_sent=run.lane[rates.FEED].stream.sent,
        rows=run.lane[rates.FEED].row,
        seconds=time.monotonic() - began,
        end_offsets={feed: lane.start | lane.stream.ends for feed, lane in run.lane.items()},
    )


def stop_on_signals() -> Callable[[], bool]:
    """A question that is answered yes once the process was asked to end; the position is journalled by then."""
    asked = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: asked.set())
    return asked.is_set


class _Lane:
    """One feed of the run: its stream, and its position in the journal."""

    def __init__(self, outlet: Outlet, feed: str, seed: int, progress: Callable[[int], None]) -> None:
        uuid = outlet.topic.topic_uuid(feed)
        if uuid is None:
            raise Refused(f"Kafka has no topic {feed}; `make up` creates the topics of the feeds in lab.yml.")
        self.feed, self._journal, self._progress = feed, outlet.journal, progress
        self.source = simulator_source(feed, seed, fingerprint(), VERSION)
        known = outlet.journal.entry(feed, self.source)
        if known is None or known.topic_uuid != uuid:
            known = Entry(self.source, feed, f"simulator, seed {seed}", fingerprint(), uuid, 0, "sending")
            outlet.journal.put(known)
        self.row = known.acknowledged
        self.start = outlet.topic.latest_offsets(feed)
        self._publisher = outlet.publisher(feed)
        room = Room(feed, load_contract(feed).topic.retention_bytes, self.start, outlet.read_up_to(feed))
        self.stream = Stream(self._publisher, sorted(self.start), room, self._acknowledged)
        self._written = 0.0

    def settle(self) -> None:
        """Wait for the answers that are out, and journal the position."""
        self.stream.settle()
        self._journal.acknowledge(self.feed, self.source, self.row)

    def close(self) -> None:
        self._publisher.close()
        self._journal.acknowledge(self.feed, self.source, self.row)

    def _acknowledged(self, row: int) -> None:
        self.row = row
        if (now := time.monotonic()) - self._written > 0.2:
            self._journal.acknowledge(self.feed, self.source, row)
            self._written = now
        self._progress(row)


class _Run:
    def __init__(self, outlet: Outlet, seed: int, progress: Callable[[int, int], None], rows: int) -> None:
        self._seed = seed
        self.lane: dict[str, _Lane] = {}
        try:
            self.lane[plans.FEED] = _Lane(outlet, plans.FEED, seed, lambda _row: None)
            self.lane[rates.FEED] = _Lane(outlet, rates.FEED, seed, lambda row: progress(row, rows))
        except Refused:
            self.close()
            raise

    def close(self) -> None:
        for lane in self.lane.values():
            lane.close()

    def load(self, rows: int, stopped: Callable[[], bool]) -> None:
        """Send the rates up to number `rows`, their plans before them."""
        lane = self.lane[rates.FEED]
        if lane.row >= rows:
            return
        self._send_plans(takewhile(lambda block: block.first_row <= rows, blocks(self._seed)))
        events = self._rates_from(lane.row + 1)
        lane.stream.feed(takewhile(lambda event: event[0] <= rows and not stopped(), events))
        lane.settle()

    def trickle(self, per_second: float, stopped: Callable[[], bool]) -> None:
        """Send `per_second` rates every second, in small batches."""
        lane = self.lane[rates.FEED]
        upcoming = self._blocks_from(lane.row + 1)
        events = self._with_plans(upcoming, lane)
        due, last = 0.0, time.monotonic()
        while not stopped():
            time.sleep(TICK)
            now = time.monotonic()
            # A host that slept is not made up for: at most one second's worth at once.
            due += min((now - last), 1.0) * per_second
            last = now
            batch = [next(events) for _ in range(int(due))]
            due -= len(batch)
            if batch:
                lane.stream.feed(batch)
                lane.settle()

    def _with_plans(self, upcoming: Iterator[Block], lane: _Lane) -> Iterator[tuple[int, bytes]]:
        for block in upcoming:
            self._send_plans([block])
            yield from _after(lane.row, rates.rate_events([block], lane.source))

    def _send_plans(self, of: Iterator[Block] | list[Block]) -> None:
        lane = self.lane[plans.FEED]
        new = (block for block in of if block.plans and block.first_plan_row + block.plan_rows > lane.row)
        lane.stream.feed(_after(lane.row, plans.plan_events(new, lane.source)))
        lane.settle()

    def _blocks_from(self, row: int) -> Iterator[Block]:
        every = blocks(self._seed)
        first = next(block for block in every if block.first_row + block.rows > row)
        return chain([first], every)

    def _rates_from(self, row: int) -> Iterator[tuple[int, bytes]]:
        return _after(row - 1, rates.rate_events(self._blocks_from(row), self.lane[rates.FEED].source))


def _after(row: int, events: Iterator[tuple[int, bytes]]) -> Iterator[tuple[int, bytes]]:
    return (event for event in events if event[0] > row)
