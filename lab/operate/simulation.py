"""A feed's simulator as lab.yml wants it; that it has become slower is told to people, and is no trouble."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial

from lab.observe.ledger import newest_row
from lab.observe.warehouse import warehouse
from lab.operate.mysql_as_producer import as_producer
from lab.operate.sender import kafka_outlet
from lab.sentences import live_sources as sentences
from millrace.contract.contract import load_contract
from millrace.errors import Refused
from millrace.settings import Settings, Simulator
from producer.simulate import run
from producer.simulate.pace import Pace
from producer.simulate.simulated_feed import Simulated
from sql.notices import Notice, report

PLACE = "simulator"


def simulate(  # noqa: PLR0913 - what a person may choose, beside what lab.yml says
    settings: Settings,
    feed: str,
    configured: Simulator,
    *,
    stopped: Callable[[], bool],
    rate: float | None = None,
    count: int | None = None,
) -> Simulated:
    """Bring the feed to its first records, then add as many as `configured` says; at a `rate` of its own, always so."""
    halves_every = configured.halves_every if rate is None else None
    try:
        return run.simulate(
            kafka_outlet(settings),
            feed,
            seed=configured.seed,
            first=configured.first,
            pace=Pace(configured.per_second if rate is None else rate, configured.first, halves_every),
            count=count,
            loaded=partial(_loaded, settings),
            stopped=stopped,
            slowed=lambda row, pace: _report(settings, feed, notices(feed, row, pace)),
        )
    finally:
        _report(settings, feed, [])


def _report(settings: Settings, feed: str, notices: list[Notice]) -> None:
    """For `make status`. MySQL may be away: it is told anew with each halving, and when the simulator starts."""
    with suppress(Refused), as_producer(settings) as connection:
        report(connection, feed, PLACE, notices)


def _loaded(settings: Settings, feed: str, source: int) -> int:
    """MySQL may be away: the simulator goes on without it."""
    with suppress(Refused), warehouse(settings) as connection:
        return newest_row(connection, load_contract(feed), source)
    return 0


def notices(feed: str, row: int, pace: Pace) -> list[Notice]:
    """What there is to tell of a simulator that has sent its record number `row`."""
    if pace.halvings(row) < 1:
        return []
    message = sentences.SLOWED.format(rate=pace.at(row), rows=row, halves_every=pace.halves_every)
    return [Notice(feed, PLACE, "", "tells", message)]
