"""Who types while a contract changes, and what is looked at afterwards."""

from types import SimpleNamespace
from typing import Any

import orjson
import pytest

from drills.acts import contracts
from drills.waiting import Failed


class Producer:
    """Takes so many records, and then no more."""

    def __init__(self, takes: int) -> None:
        self.takes = takes
        self.sent: list[tuple[str, Any]] = []

    def send(self, topic: str, value: bytes) -> Any:
        self.sent.append((topic, orjson.loads(value)))
        return self

    def get(self, timeout: float) -> None:
        if len(self.sent) > self.takes:
            raise ConnectionError("Kafka is away")

    def close(self) -> None:
        self.sent.append(("closed", None))


@pytest.fixture
def producer(monkeypatch: pytest.MonkeyPatch) -> Producer:
    made = Producer(1000)
    monkeypatch.setattr(contracts, "KafkaProducer", lambda **_: made)
    monkeypatch.setattr(contracts, "kafka_account", lambda user: SimpleNamespace(client=lambda: {"user": user}))
    monkeypatch.setattr(contracts, "BETWEEN_SECONDS", 0.001)
    return made


def test_what_was_typed_meanwhile_is_known_one_by_one(producer: Producer) -> None:
    with contracts._typing({"Name": "meanwhile"}) as typed:
        contracts.until(lambda: len(typed) > 5, "somebody types")
    *sent, closed = producer.sent
    assert [record["Weight"] for _, record in sent] == [str(number) for number in typed]
    assert typed == list(range(1, len(typed) + 1))
    assert {(topic, record["Name"], record["State"]) for topic, record in sent} == {("parcel", "meanwhile", "AK")}
    assert closed == ("closed", None)


def test_a_record_that_kafka_did_not_take_is_not_passed_over(producer: Producer) -> None:
    producer.takes = 3
    with pytest.raises(ConnectionError), contracts._typing({}) as typed:
        contracts.until(lambda: len(typed) == 3 and len(producer.sent) > 3, "Kafka goes away")
    assert typed == [1, 2, 3]


@pytest.mark.parametrize(
    ("counts", "is_right"),
    [((9, 9, 0, 0), True), ((8, 8, 0, 0), False), ((10, 9, 1, 0), False), ((9, 8, 0, 1), False), ((9, 9, 1, 0), False)],
)
def test_what_was_typed_must_count_once(counts: tuple[int, ...], is_right: bool) -> None:
    row = dict(zip(("read_count", "loaded", "duplicates", "quarantined"), counts, strict=True))
    scene: Any = SimpleNamespace(rows=lambda _query: [row])
    if is_right:
        contracts._check_counts(scene, 9)
        return
    with pytest.raises(Failed, match="9 were typed"):
        contracts._check_counts(scene, 9)


@pytest.mark.parametrize(
    ("there", "is_gone"), [({(0, 4), (1, 7)}, False), ({(0, 5), (1, 7)}, False), ({(0, 5), (0, 9), (1, 8)}, True)]
)
def test_the_records_loaded_last_must_be_compacted(
    there: set[tuple[int, int]], is_gone: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of each partition; one of which nothing was loaded has none."""
    monkeypatch.setattr(contracts, "_type", lambda *_: None)
    monkeypatch.setattr(contracts, "_readable", lambda: there)
    assert contracts._has_compacted({0: 5, 1: 8, 2: 0}) is is_gone
