"""The simulator of insurance rates: it sends the plans that its rates are of, before them."""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice, takewhile

from feeds.insurance_plan import simulator as plans
from feeds.insurance_rate import simulator as rates
from feeds.insurance_rate.calibration import fingerprint
from feeds.insurance_rate.market import VERSION, Block, blocks
from millrace.errors import Refused
from millrace.record.identity import simulator_source
from producer.kafka.outlet import Outlet
from producer.simulate.simulated_feed import SimulatedFeed, after

FEEDS = (plans.FEED, rates.FEED)


def records(seed: int, after: int = 0) -> Iterator[dict[str, str]]:
    """The rates behind number `after`, without end, as a file has them."""
    return islice(rates.rate_records(blocks(seed)), after, None)


class InsuranceRun:
    """See producer.simulate.run.Run."""

    def __init__(self, outlet: Outlet, seed: int, progress: Callable[[int], None]) -> None:
        self._seed = seed
        self.feeds: dict[str, SimulatedFeed] = {}
        progress_of = {rates.FEED: progress}
        try:
            for feed in FEEDS:
                source = simulator_source(feed, seed, fingerprint(), VERSION)
                name = f"simulator, seed {seed}"
                self.feeds[feed] = SimulatedFeed(
                    outlet, feed, source, name, fingerprint(), progress_of.get(feed, lambda _row: None)
                )
        except Refused:
            self.close()
            raise
        self._more: Iterator[tuple[int, bytes]] | None = None

    def close(self) -> None:
        for simulated in self.feeds.values():
            simulated.close()

    def send_up_to(self, rows: int, stopped: Callable[[], bool]) -> None:
        """Send the rates up to number `rows`, before them every plan they have, and those of rates sent before."""
        simulated = self.feeds[rates.FEED]
        known = max(rows, simulated.row)
        self._send_plans(takewhile(lambda block: block.first_row <= known, blocks(self._seed)))
        if simulated.row < rows:
            events = rates.rate_events(self._blocks_from(simulated.row + 1), simulated.source)
            simulated.send(takewhile(lambda event: event[0] <= rows and not stopped(), after(simulated.row, events)))

    def add(self, count: int) -> None:
        """Send the next rates, before them the plans they have."""
        simulated = self.feeds[rates.FEED]
        self._more = self._more or self._with_plans(self._blocks_from(simulated.row + 1), simulated)
        self.feeds[plans.FEED].refuse_outdated()
        simulated.send(list(islice(self._more, count)))

    def _with_plans(self, upcoming: Iterator[Block], simulated: SimulatedFeed) -> Iterator[tuple[int, bytes]]:
        for block in upcoming:
            self._send_plans([block])
            yield from after(simulated.row, rates.rate_events([block], simulated.source))

    def _send_plans(self, of: Iterable[Block]) -> None:
        simulated = self.feeds[plans.FEED]
        new = (block for block in of if block.plans and block.first_plan_row + block.plan_rows > simulated.row)
        simulated.send(after(simulated.row, plans.plan_events(new, simulated.source)))

    def _blocks_from(self, row: int) -> Iterator[Block]:
        every = blocks(self._seed)
        first = next(block for block in every if block.first_row + block.rows > row)
        return chain([first], every)
