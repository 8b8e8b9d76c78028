"""What each topic keeps: all of them together fit a share of the disk, whatever contracts ask for."""

from typing import Any

import pytest

from millrace.contract.contract import Contract, load_contract
from millrace.errors import Refused
from millrace.kafka.broker import Broker
from millrace.kafka.topic_retention import AIM, LEAST, SHARE, changes, known_contracts, retention_bytes, segment_bytes
from millrace.kafka_account import KafkaAccount
from millrace.settings import Lab, load_lab

MANY = 40
GIB = 2**30


def lab_of(disk: int) -> Lab:
    lab = load_lab()
    kafka = lab.machines["kafka"].model_copy(update={"disk": disk})
    return lab.model_copy(update={"machines": lab.machines | {"kafka": kafka}})


def own(name: str, **topic: int) -> Contract:
    shares = load_contract("shares")
    return shares.model_copy(update={"feed": name, "topic": shares.topic.model_copy(update=topic)})


def largest(sizes: dict[str, int], *further: Contract) -> int:
    """Bytes that all topics take at most: each partition a segment more than it keeps."""
    contracts = {contract.feed: contract for contract in (*known_contracts(), *further)}
    each = {feed: size + segment_bytes(size) for feed, size in sizes.items()}
    return sum(size * contracts[feed].topic.partitions for feed, size in each.items())


@pytest.mark.parametrize("disk", [8, 20, 50])
def test_all_topics_together_fit_their_share_of_the_disk(disk: int) -> None:
    further = tuple(own(f"own_{number}", partitions=2, retention_bytes=2**31) for number in range(5))
    sizes = retention_bytes(lab_of(disk), further)
    assert {"insurance_rate", "shares", "own_4"} <= sizes.keys()
    assert 0.99 * disk * GIB * AIM < largest(sizes, *further) <= disk * GIB * AIM < disk * GIB * SHARE


def test_a_large_disk_gives_what_contracts_ask_for() -> None:
    assert retention_bytes(lab_of(200)) == {each.feed: each.topic.retention_bytes for each in known_contracts()}


def test_a_small_topic_stays_as_small_as_its_contract_says() -> None:
    assert retention_bytes(lab_of(20), [own("tiny", retention_bytes=2**20)])["tiny"] == 2**20


def test_topics_that_cannot_fit_are_refused_with_the_ways_out() -> None:
    further = [own(f"own_{number}", partitions=4) for number in range(MANY)]
    with pytest.raises(Refused, match=r"do not fit 52% of the kafka machine's disk of 8 GB: raise machines\.kafka\."):
        retention_bytes(lab_of(8), further)
    assert min(retention_bytes(lab_of(40), further).values()) >= LEAST


def test_a_feed_that_comes_and_goes_changes_nothing_for_the_others() -> None:
    lab = lab_of(20)
    kept = retention_bytes(lab)
    assert changes(lab, kept) == {}
    comes = own("comes", partitions=2, retention_bytes=2**28)
    assert changes(lab, kept | {"comes": 2**28}, [comes]) == {}
    assert changes(lab, kept) == {}


@pytest.mark.parametrize("disk", [10, 40])
def test_another_disk_is_another_size_for_every_topic(disk: int) -> None:
    assert changes(lab_of(disk), retention_bytes(lab_of(20))) == retention_bytes(lab_of(disk))


def test_feeds_that_do_not_fit_beside_the_others_make_all_smaller() -> None:
    lab = lab_of(20)
    further = [own(f"own_{number}", partitions=4, retention_bytes=2**31) for number in range(3)]
    kept = retention_bytes(lab) | {each.feed: 2**28 for each in further}
    changed = changes(lab, kept, further)
    assert changed == {feed: size for feed, size in retention_bytes(lab, further).items() if size != kept[feed]}
    assert largest(kept | changed, *further) <= 20 * GIB * AIM
    assert changes(lab, kept | changed, further) == {}


def test_a_topic_follows_a_contract_that_asks_for_less() -> None:
    lab, smaller = lab_of(20), own("shop", retention_bytes=2**24)
    kept = retention_bytes(lab, [smaller]) | {"shop": 2**28}
    assert changes(lab, kept, [smaller]) == {"shop": 2**24}


class Resized(Broker):
    """A broker with one topic of one partition, `first` to `end`, that keeps `kept` bytes."""

    def __init__(self, kept: int, first: int = 0, end: int = 1000) -> None:
        super().__init__(KafkaAccount(address="nowhere:1"))
        self.kept, self.first, self.end = kept, first, end
        self.altered: list[dict[str, str]] = []
        self._client: Any = self

    def close(self) -> None:
        pass

    def topics(self) -> list[str]:
        return ["shop"]

    def earliest_offsets(self, topic: str) -> dict[int, int]:
        return {0: self.first}

    def latest_offsets(self, topic: str) -> dict[int, int]:
        return {0: self.end}

    def describe_configs(self, asked: list[Any], config_filter: str) -> dict[str, Any]:
        assert config_filter == "all"
        return {"topic": {each.name: {"retention.bytes": {"value": str(self.kept)}} for each in asked}}

    def alter_configs(self, asked: list[Any]) -> dict[str, Any]:
        self.altered += [each.configs for each in asked]
        return {"topic": {each.name: "OK" for each in asked}}


@pytest.mark.parametrize(
    ("kept", "committed", "resized"),
    [
        (2**30, 1000, True),  # all is read
        (2**30, 800, True),  # a fifth is not, and half of all will be kept
        (2**30, 700, False),  # three tenths are not: more than half of what will be kept
        (2**28, 0, True),  # it grows
    ],
)
def test_a_topic_is_made_smaller_only_where_nothing_unread_goes(kept: int, committed: int, resized: bool) -> None:
    broker = Resized(kept)
    assert broker.resize_topics({"shop": 2**29}, lambda _feed: {0: committed}) == ["shop"] * resized
    assert broker.altered == [{"retention.bytes": "536870912", "segment.bytes": "67108864"}] * resized


def test_an_empty_topic_is_resized_without_asking_the_ledger() -> None:
    def unknown(_feed: str) -> dict[int, int]:
        raise AssertionError

    assert Resized(2**30, end=0).resize_topics({"shop": 2**29}, unknown) == ["shop"]


def test_a_topic_without_a_limit_counts_as_the_largest() -> None:
    assert Resized(-1).retention_bytes("shop") > 2**60
