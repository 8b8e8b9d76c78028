"""How much of the kafka machine's disk each topic may take: what contracts ask for, made to fit a share of it."""

from bisect import bisect_right
from collections.abc import Iterable
from contextlib import suppress

from millrace.contract.contract import Contract, load_contract
from millrace.errors import Refused
from millrace.feed_names import known_feeds
from millrace.settings import Lab

SHARE = 0.6
"""Of the disk. The rest is for the system, what waits in spool and landing folders, and what Kafka drops with delay."""
LEAST = 2**26
"""Bytes per partition below which a producer's batches in flight find no room."""
SEGMENTS = 8
"""Segments of a partition: Kafka drops whole ones, so that a partition takes up to one more than it keeps."""
LARGEST_SEGMENT, SMALLEST_SEGMENT = 2**28, 2**20


def segment_bytes(retention_bytes: int) -> int:
    """The size of the pieces in which a partition is written and dropped."""
    return min(LARGEST_SEGMENT, max(SMALLEST_SEGMENT, retention_bytes // SEGMENTS))


def retention_bytes(lab: Lab, contracts: Iterable[Contract] = ()) -> dict[str, int]:
    """By feed, the bytes that each partition of its topic keeps: the contract's, or the most that all may have.

    Every feed counts that has a contract, as topics of feeds that are off stay; `contracts` are further ones, of feeds
    that this machine may not know. Refused where not even the least of each fits.
    """
    topics = {contract.feed: contract.topic for contract in (*known_contracts(), *contracts)}
    room = lab.machines["kafka"].share_of_disk(SHARE)

    def taken(most: int) -> int:
        kept = [(min(topic.retention_bytes, most), topic.partitions) for topic in topics.values()]
        return sum(partitions * (size + segment_bytes(size)) for size, partitions in kept)

    if taken(LEAST) > room:
        raise Refused(
            f"The topics of {len(topics)} feeds do not fit {SHARE:.0%} of the kafka machine's disk of"
            f" {lab.machines['kafka'].disk} GB: raise machines.kafka.disk in lab.local.yml, or give feeds fewer"
            " partitions."
        )
    most = bisect_right(range(room + 1), room, key=taken) - 1
    return {feed: min(topic.retention_bytes, most) for feed, topic in topics.items()}


def known_contracts() -> Iterable[Contract]:
    """Those that can be read; who uses another is told what is wrong with it."""
    for feed in known_feeds():
        with suppress(Refused):
            yield load_contract(feed)
