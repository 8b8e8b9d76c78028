"""The simulator of insurance rates at work: plans first, then a number of rates at once, then some per second."""

import time
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice, takewhile

from feeds.errors import Refused
from feeds.identity import simulator_source
from producer.outlet import Outlet
from producer.simulate import plans, rates
from producer.simulate.calibration import fingerprint
from producer.simulate.insurance import VERSION, Block, blocks
from producer.simulate.lane import Lane, Simulated, after, trickle

FEEDS = (plans.FEED, rates.FEED)


def simulate(  # noqa: PLR0913 - the run's settings
    outlet: Outlet,
    *,
    seed: int,
    first: int,
    per_second: float = 0,
    count: int | None = None,
    stopped: Callable[[], bool] = lambda: False,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Simulated:
    """Bring the feed to `first` rates as fast as possible, then add `per_second` until `stopped`, at most `count`.

    A run that was killed goes on from its journal; a position beyond `first` sends nothing at first. Progress is
    called with (rates in Kafka, first).
    """
    began = time.monotonic()
    run = _Run(outlet, seed, progress, first)
    try:
        run.load(first, stopped)
        if per_second > 0:
            run.trickle(per_second, stopped, count)
    finally:
        run.close()
    return Simulated(
        feed=rates.FEED,
        sent={feed: lane.stream.sent for feed, lane in run.lane.items()},
        rows=run.lane[rates.FEED].row,
        seconds=time.monotonic() - began,
        end_offsets={feed: lane.start | lane.stream.ends for feed, lane in run.lane.items()},
    )


class _Run:
    def __init__(self, outlet: Outlet, seed: int, progress: Callable[[int, int], None], first: int) -> None:
        self._seed = seed
        self.lane: dict[str, Lane] = {}
        told: dict[str, Callable[[int], None]] = {rates.FEED: lambda row: progress(row, first)}
        try:
            for feed in FEEDS:
                source = simulator_source(feed, seed, fingerprint(), VERSION)
                name = f"simulator, seed {seed}"
                self.lane[feed] = Lane(outlet, feed, source, name, fingerprint(), told.get(feed, lambda _row: None))
        except Refused:
            self.close()
            raise

    def close(self) -> None:
        for lane in self.lane.values():
            lane.close()

    def load(self, rows: int, stopped: Callable[[], bool]) -> None:
        """Send the rates up to number `rows`, before them every plan they have, and those of rates sent before."""
        lane = self.lane[rates.FEED]
        known = max(rows, lane.row)
        self._send_plans(takewhile(lambda block: block.first_row <= known, blocks(self._seed)))
        if lane.row < rows:
            events = rates.rate_events(self._blocks_from(lane.row + 1), lane.source)
            lane.send(takewhile(lambda event: event[0] <= rows and not stopped(), after(lane.row, events)))

    def trickle(self, per_second: float, stopped: Callable[[], bool], count: int | None) -> None:
        """Send `per_second` rates every second, in small batches, until it has been `count`."""
        lane = self.lane[rates.FEED]
        events = self._with_plans(self._blocks_from(lane.row + 1), lane)
        for due in trickle(per_second, stopped, lambda: False, count):
            self.lane[plans.FEED].refuse_outdated()
            lane.send(list(islice(events, due)))

    def _with_plans(self, upcoming: Iterator[Block], lane: Lane) -> Iterator[tuple[int, bytes]]:
        for block in upcoming:
            self._send_plans([block])
            yield from after(lane.row, rates.rate_events([block], lane.source))

    def _send_plans(self, of: Iterable[Block]) -> None:
        lane = self.lane[plans.FEED]
        new = (block for block in of if block.plans and block.first_plan_row + block.plan_rows > lane.row)
        lane.send(after(lane.row, plans.plan_events(new, lane.source)))

    def _blocks_from(self, row: int) -> Iterator[Block]:
        every = blocks(self._seed)
        first = next(block for block in every if block.first_row + block.rows > row)
        return chain([first], every)
