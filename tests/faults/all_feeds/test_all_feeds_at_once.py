"""All feeds at once: none of their records is lost, and every sum is exact. How fast that goes, `make bench` tells."""

from collections.abc import Iterator

import pytest

from bench.feeds_at_once import send_all, simulators
from instruments.failpoints import PRODUCERS, resting
from instruments.tools import Warehouse, wait_until
from millrace.contract.contract import load_contract
from millrace.settings import Lab
from producer.simulate.run import simulated_with

PER_SECOND = 1_000
SHORT, LONG = 10, 600
DEADLINE = 600

# The rows of an append feed whose source began after that load.
ROWS = (
    "SELECT COUNT(*) FROM {feed} WHERE load_id > :first AND source_id IN"
    " (SELECT source_id FROM pipeline_load_source GROUP BY source_id HAVING MIN(load_id) > :first)"
)


@pytest.fixture
def quiet(lab: Lab) -> Iterator[Lab]:
    """The lab's own trickles rest: the machine has no memory for two simulators of each feed."""
    with resting("kafka", *PRODUCERS):
        yield lab


@pytest.mark.timeout(4 * DEADLINE)
@pytest.mark.parametrize("seconds", [SHORT, pytest.param(LONG, marks=pytest.mark.full)])
def test_nothing_is_lost_and_every_sum_is_exact(quiet: Lab, mysql: Warehouse, seconds: int) -> None:
    feeds = simulators(quiet)
    each = PER_SECOND * seconds // len(feeds)
    traffic = send_all(mysql.connection, feeds, each, PER_SECOND)
    assert set(traffic.sent) == {name for feed in feeds for name in simulated_with(feed)}
    assert [traffic.sent[feed] for feed in feeds] == [each] * len(feeds)

    wait_until(lambda: not traffic.behind(mysql.connection), "every record is in the ledger", DEADLINE)
    totals = traffic.totals(mysql.connection)
    assert {feed: one.seen for feed, one in totals.items()} == traffic.sent
    assert all(one.seen == one.accounted for one in totals.values()), totals
    for feed, one in totals.items():
        if load_contract(feed).mode == "append":
            assert (feed, mysql.one(ROWS.format(feed=feed), first=traffic.first_load_id)) == (feed, one.loaded)
            assert one.loaded + one.quarantined == one.seen, feed
