"""The producer stops before the broker drops what nobody has read."""

import pytest

from feeds.errors import Refused
from producer.memory import MemoryPublisher
from producer.room import Room
from producer.stream import Stream

EVENTS = [(row, b"x" * 976) for row in range(1, 2_001)]


def stream(room: Room, publisher: MemoryPublisher) -> Stream:
    return Stream(publisher, [0], room, bytes_in_flight=0)


def test_what_is_read_makes_room_again() -> None:
    publisher = MemoryPublisher()
    asked: list[int] = []

    def reader() -> dict[int, int]:
        asked.append(len(publisher.events))
        return {0: len(publisher.events)}

    stream(Room("shop", 1_500_000, {0: 0}, reader), publisher).send(EVENTS)
    assert len(publisher.events) == 2_000
    assert asked == [1_500]


def test_a_reader_that_stands_still_ends_in_one_sentence() -> None:
    publisher = MemoryPublisher()
    waited: list[float] = []
    room = Room("shop", 1_500_000, {0: 0}, lambda: {0: 100}, patience=0, pause=waited.append)
    with pytest.raises(
        Refused, match=r"^The topic shop is full of records that are not in MySQL yet; see `make status`"
    ):
        stream(room, publisher).send(EVENTS)
    assert len(publisher.events) == 1_500


def test_a_backlog_from_before_counts_as_unread() -> None:
    publisher = MemoryPublisher(partitions={0: [b"x" * 976] * 1_000})
    room = Room("shop", 1_500_000, {0: 1_000}, lambda: {0: 0}, patience=0, pause=lambda _seconds: None)
    with pytest.raises(Refused, match="is full of records"):
        stream(room, publisher).send(EVENTS)
    assert len(publisher.events) == 1_500


def test_without_a_ledger_to_ask_a_send_may_fill_the_topic_but_not_more() -> None:
    publisher = MemoryPublisher()
    with pytest.raises(Refused, match="is full of records"):
        stream(Room("shop", 1_500_000, {0: 0}), publisher).send(EVENTS)
    stream(Room("shop", 3_000_000, {0: len(publisher.events)}), publisher).send(EVENTS)
