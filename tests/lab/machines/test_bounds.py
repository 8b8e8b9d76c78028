"""What grows on the machines has the bounds that docs/operating.md names."""

import pytest

from lab.host import remote
from lab.observe.access import settings
from millrace.feed_names import VARIABLE
from millrace.kafka.broker import Broker
from millrace.kafka.topic_retention import SHARE, changes, retention_bytes, segment_bytes
from millrace.settings import Lab

SCRATCH = "/var/lib/spark/scratch"


def test_topics_together_fit_their_share_of_the_disk(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    broker = Broker(settings().kafka_account)
    try:
        feeds = retention_bytes(lab).keys() & set(broker.topics())
        kept = broker.sizes(feeds)
        partitions = {feed: len(broker.partitions(feed)) for feed in feeds}
    finally:
        broker.close()
    assert set(lab.feeds) <= kept.keys()
    assert changes(lab, kept) == {}
    taken = sum(partitions[feed] * (size + segment_bytes(size)) for feed, size in kept.items())
    assert taken <= lab.machines["kafka"].share_of_disk(SHARE)


@pytest.mark.parametrize("folder", ["stream/blockmgr-*", "worker/spark-*"])
def test_services_keep_their_scratch_in_folders_of_their_own(lab: Lab, folder: str) -> None:
    assert remote.run("spark", f"sudo sh -c 'ls -d {SCRATCH}/{folder}'").split()
