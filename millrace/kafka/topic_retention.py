"""How much of the kafka machine's disk each topic may take: what contracts ask for, made to fit a share of it."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from contextlib import suppress

from millrace.contract.contract import Contract, Topic, load_contract
from millrace.errors import Refused
from millrace.feed_names import known_feeds
from millrace.settings import Lab

SHARE, AIM = 0.6, 0.52
"""Of the disk: the most that all topics may take, and what they are fitted to; between them is room for a feed that
comes. The rest is for the system, what waits in spool and landing folders, and what Kafka drops with delay."""
LEAST_KEPT = 0.75
"""Of what a topic should keep: with less it is made larger."""
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
    topics = _topics(contracts)
    room = lab.machines["kafka"].share_of_disk(AIM)

    def sizes(most: int) -> dict[str, int]:
        return {feed: min(topic.retention_bytes, most) for feed, topic in topics.items()}

    def taken(most: int) -> int:
        return _taken(topics, sizes(most))

    if taken(LEAST) > room:
        raise Refused(
            f"The topics of {len(topics)} feeds do not fit {AIM:.0%} of the kafka machine's disk of"
            f" {lab.machines['kafka'].disk} GB: raise machines.kafka.disk in lab.local.yml, or give feeds fewer"
            " partitions."
        )
    return sizes(bisect_right(range(room + 1), room, key=taken) - 1)


def changes(lab: Lab, kept: Mapping[str, int], contracts: Iterable[Contract] = ()) -> dict[str, int]:
    """Which topics have to keep other than they do (`kept`, per partition), and how much.

    None while all fit and each has nearly what it should: a feed that comes and goes changes nothing for the others.
    """
    topics, wanted = _topics(further := list(contracts)), retention_bytes(lab, further)
    too_large = {feed: wanted[feed] for feed, size in kept.items() if size > topics[feed].retention_bytes}
    is_fitting = _taken(topics, {**wanted, **kept}) <= lab.machines["kafka"].share_of_disk(SHARE)
    if is_fitting and all(size >= LEAST_KEPT * wanted[feed] for feed, size in kept.items()):
        return too_large
    return {feed: wanted[feed] for feed, size in kept.items() if size != wanted[feed]}


def _topics(further: Iterable[Contract]) -> dict[str, Topic]:
    return {contract.feed: contract.topic for contract in (*known_contracts(), *further)}


def _taken(topics: Mapping[str, Topic], kept: Mapping[str, int]) -> int:
    """Bytes that all take at most."""
    return sum(topic.partitions * (kept[feed] + segment_bytes(kept[feed])) for feed, topic in topics.items())


def known_contracts() -> Iterable[Contract]:
    """Those that can be read; who uses another is told what is wrong with it."""
    for feed in known_feeds():
        with suppress(Refused):
            yield load_contract(feed)
