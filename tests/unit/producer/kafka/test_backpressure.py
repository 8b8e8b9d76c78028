"""The producer stops before the broker drops what nobody has read."""

import pytest

from millrace.errors import Refused
from millrace.record.seal import SEAL_BYTES
from producer.kafka import backpressure
from producer.kafka.backpressure import Backpressure
from producer.kafka.event_sender import EventSender
from producer.kafka.publisher import BATCH_EVENTS
from tests.unit.producer.memory_topic import MemoryPublisher
from tests.unit.spark.records import SEAL

EVENT = b"x" * (975 - SEAL_BYTES) + b"}"
EVENTS = [(row, EVENT) for row in range(1, 4 * BATCH_EVENTS + 1)]
ROOM_FOR = 3 * BATCH_EVENTS
SMALL = 1_000 * ROOM_FOR
"""Bytes of a topic that is full, to the safe share, after three of the four batches."""


def stream(pressure: Backpressure, publisher: MemoryPublisher) -> EventSender:
    return EventSender(publisher, [0], pressure, SEAL, bytes_in_flight=0)


def test_what_is_read_makes_room_again() -> None:
    publisher = MemoryPublisher()
    asked: list[int] = []

    def reader() -> dict[int, int]:
        asked.append(len(publisher.events))
        return {0: len(publisher.events)}

    stream(Backpressure("shop", lambda _feed: SMALL, {0: 0}, reader), publisher).send(EVENTS)
    assert len(publisher.events) == len(EVENTS)
    assert asked == [ROOM_FOR]


def test_a_reader_that_stands_still_ends_in_one_sentence() -> None:
    publisher = MemoryPublisher()
    waited: list[float] = []
    pressure = Backpressure("shop", lambda _feed: SMALL, {0: 0}, lambda: {0: 100}, patience=0, pause=waited.append)
    with pytest.raises(
        Refused, match=r"^The topic shop is full of records that are not in MySQL yet; see `make status`"
    ):
        stream(pressure, publisher).send(EVENTS)
    assert len(publisher.events) == ROOM_FOR


def test_a_backlog_from_before_counts_as_unread() -> None:
    publisher = MemoryPublisher(partitions={0: [EVENT] * 2 * BATCH_EVENTS})
    pressure = Backpressure(
        "shop", lambda _feed: SMALL, {0: 2 * BATCH_EVENTS}, lambda: {0: 0}, patience=0, pause=lambda _seconds: None
    )
    with pytest.raises(Refused, match="is full of records"):
        stream(pressure, publisher).send(EVENTS)
    assert len(publisher.events) == ROOM_FOR


def test_without_a_ledger_to_ask_a_send_may_fill_the_topic_but_not_more() -> None:
    publisher = MemoryPublisher()
    with pytest.raises(Refused, match="is full of records"):
        stream(Backpressure("shop", lambda _feed: SMALL, {0: 0}), publisher).send(EVENTS)
    stream(Backpressure("shop", lambda _feed: 2 * SMALL, {0: len(publisher.events)}), publisher).send(EVENTS)


def test_a_topic_that_is_made_smaller_meanwhile_takes_no_more_than_it_keeps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backpressure, "KNOWN_SECONDS", -1.0)
    publisher = MemoryPublisher()
    keeps = iter([4 * SMALL, 4 * SMALL])
    pressure = Backpressure(
        "shop", lambda _feed: next(keeps, SMALL), {0: 0}, lambda: {0: 0}, patience=0, pause=lambda _seconds: None
    )
    with pytest.raises(Refused, match="is full of records"):
        stream(pressure, publisher).send(EVENTS)
    assert len(publisher.events) == ROOM_FOR


def test_a_kafka_that_does_not_say_keeps_what_it_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backpressure, "KNOWN_SECONDS", -1.0)
    publisher, asked = MemoryPublisher(), list[str]()

    def keeps(feed: str) -> int:
        asked.append(feed)
        if len(asked) > 1:
            raise Refused("Kafka does not answer.")
        return 2 * SMALL

    stream(Backpressure("shop", keeps, {0: 0}), publisher).send(EVENTS)
    assert set(asked) == {"shop"}
    assert len(asked) > 1
    assert len(publisher.events) == len(EVENTS)
