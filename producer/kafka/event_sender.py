"""Events into a topic: batch by batch, a bounded number in flight, acknowledged in order."""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from millrace.errors import Refused
from millrace.record.seal import Seal
from producer.kafka.backpressure import Backpressure
from producer.kafka.journal import Position
from producer.kafka.publisher import BATCH_BYTES, BATCH_EVENTS, Publisher, Receipt

BYTES_IN_FLIGHT = 32 << 20


class _Batch(NamedTuple):
    partition: int
    last_row: int
    events: int
    size: int
    receipt: Receipt


@dataclass
class EventSender:
    """Sends (row, event) pairs, with the seal on each event.

    `acknowledged(row)` is called when every event up to that row is in Kafka.
    """

    publisher: Publisher
    partitions: Sequence[int]
    backpressure: Backpressure
    seal: Seal
    acknowledged: Callable[[int], None] = lambda _row: None
    bytes_in_flight: int = BYTES_IN_FLIGHT
    ends: dict[int, int] = field(default_factory=dict)
    rows: dict[int, int] = field(default_factory=dict)
    """By partition, the number of the last event that it acknowledged; it stands right before `ends`."""
    sent: int = 0
    _flying: deque[_Batch] = field(default_factory=deque)
    _bytes_flying: int = 0
    _turn: int = 0

    def send(self, events: Iterable[tuple[int, bytes]]) -> None:
        """Send everything and wait for the last answer. Refused when Kafka stops answering or the topic is full."""
        self.feed(events)
        self.settle()

    def feed(self, events: Iterable[tuple[int, bytes]]) -> None:
        """Send everything, without waiting for the last answers."""
        put_on = self.seal.put_on
        for batch in batches((row, put_on(event)) for row, event in events):
            size = sum(len(event) for _, event in batch)
            while self._flying and self._bytes_flying + size > self.bytes_in_flight:
                self._settle_one()
            self.backpressure.wait(self._bytes_flying)
            partition = self.partitions[self._turn % len(self.partitions)]
            self._turn += 1
            receipt = self.publisher.publish(partition, [event for _, event in batch])
            self._flying.append(_Batch(partition, batch[-1][0], len(batch), size, receipt))
            self._bytes_flying += size
            while self._flying and self._flying[0].receipt.is_here():
                self._settle_one()

    def settle(self) -> None:
        """Wait for every answer that is still out."""
        while self._flying:
            self._settle_one()

    def positions(self) -> list[Position]:
        """Where the last event stands that each partition acknowledged."""
        return [Position(partition, end - 1, self.rows[partition]) for partition, end in self.ends.items()]

    def _settle_one(self) -> None:
        batch = self._flying[0]
        end = batch.receipt.end_offset()
        self._flying.popleft()
        self._bytes_flying -= batch.size
        self.sent += batch.events
        if 0 < end <= self.ends.get(batch.partition, 0):
            feed = self.backpressure.feed
            raise Refused(f"The topic {feed} has lost records that Kafka had acknowledged; send again.")
        self.ends[batch.partition] = end
        self.rows[batch.partition] = batch.last_row
        self.backpressure.sent(batch.partition, end, batch.events, batch.size)
        self.acknowledged(batch.last_row)


def batches(events: Iterable[tuple[int, bytes]]) -> Iterable[list[tuple[int, bytes]]]:
    """Events in lists of at most BATCH_EVENTS, shorter ones where they are large."""
    iterator = iter(events)
    while chunk := list(islice(iterator, BATCH_EVENTS)):
        batch: list[tuple[int, bytes]] = []
        size = 0
        for pair in chunk:
            if batch and size + len(pair[1]) > BATCH_BYTES:
                yield batch
                batch, size = [], 0
            batch.append(pair)
            size += len(pair[1])
        yield batch
