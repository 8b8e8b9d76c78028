"""The kafka machine's disk is empty: topics, journal, landing folders. Rows stay, and what comes now is loaded."""

import re
from pathlib import Path

import pytest

from instruments import own_feed
from instruments.own_feed import record, write_file
from instruments.simulated import Simulated
from instruments.tools import Sum, as_root, send, wait_until
from lab.backup.scripts import REST
from lab.host import remote
from millrace.settings import Lab
from tests.faults.all_feeds.test_boot_order import problems, vagrant

DEADLINE = 900
STATE = ("/var/lib/kafka", "/var/lib/millrace")
LOST = re.compile(r"The topic \w+ was made anew\. What was loaded stays, and the new topic is read from its beginning")


def rows_of(feeds: tuple[str, ...]) -> dict[str, int]:
    return {feed: int(as_root(f"SELECT COUNT(*) FROM millrace.v_{feed}")) for feed in feeds}


def lose_all() -> None:
    """Nothing of the machine's own is left but what provisioning has installed."""
    remote.run("kafka", ["sudo", "systemctl", "stop", *REST["kafka"], "kafka"], timeout=DEADLINE)
    remote.run("kafka", ["sudo", "find", *STATE, "-mindepth", "1", "-delete"], timeout=DEADLINE)


@pytest.mark.full
@pytest.mark.timeout(4 * DEADLINE)
def test_rows_outlive_the_kafka_machine_and_new_records_are_loaded(
    lab: Lab, parcel: None, nonce: str, tmp_path: Path
) -> None:
    """As docs/troubleshooting.md says: `vagrant provision kafka`; for a day `make status` tells what may be missing."""
    own_feed.take_away()
    simulated = Simulated(lab)
    known, before, last = problems(), rows_of(lab.feeds), simulated.last()
    renewed = int(as_root("SELECT COALESCE(MAX(event_id), 0) FROM millrace.pipeline_event"))
    lose_all()
    vagrant("provision", "kafka")

    told = f"SELECT DISTINCT feed FROM millrace.pipeline_event WHERE kind = 'renewed' AND event_id > {renewed}"
    wait_until(lambda: set(as_root(told).split()) == set(lab.feeds), "every feed goes on in its new topic", DEADLINE)
    wait_until(lambda: simulated.is_whole_behind(last), "the simulator is behind what it had sent", DEADLINE)
    after = rows_of(lab.feeds)
    assert {feed: rows for feed, rows in before.items() if after[feed] < rows} == {}
    wait_until(lambda: all(LOST.search(each) for each in problems() - known), "nothing else is wrong", DEADLINE)

    own_feed.switch_on()
    remote.run("kafka", ["sudo", "systemctl", "restart", own_feed.WATCH])
    file = write_file(tmp_path, nonce, *(record(nonce, number) for number in range(50)))
    assert send(own_feed.FEED, file) == Sum(50, 50, 0, 0, 0)
