"""Kafka in memory, as an outlet sees it."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import orjson

from millrace.kafka.topic_reader import Stored
from producer.kafka.held_records import HeldRecords
from producer.kafka.journal import Journal
from producer.kafka.outlet import Outlet
from tests.unit.producer.memory_topic import MemoryPublisher
from tests.unit.spark.records import SEAL


class OneTopic:
    """What a desk with one topic of two partitions answers for Kafka; without a UUID Kafka has no such topic."""

    broker: MemoryPublisher
    uuid: str | None

    def topic_uuid(self, _topic: str) -> str | None:
        return self.uuid

    def latest_offsets(self, _topic: str) -> dict[int, int]:
        return {part: len(self.broker.partitions.get(part, [])) for part in (0, 1)}

    def retention_bytes(self, _topic: str) -> int:
        return 2**31

    def earliest_offsets(self, _topic: str) -> dict[int, int]:
        return {0: 0, 1: 0}

    def record_at(self, _topic: str, partition: int, offset: int) -> Stored | None:
        return Stored(offset, 0, self.broker.partitions[partition][offset])

    @property
    def events(self) -> list[dict[str, Any]]:
        return [unsealed(event) for event in self.broker.events]


def unsealed(event: bytes) -> dict[str, Any]:
    """What an event says, and that its seal is right."""
    assert SEAL.is_on(event)
    said: dict[str, Any] = orjson.loads(event)
    del said["seal"]
    return said


@dataclass
class MemoryKafka:
    """Topics of two partitions that are there when they are asked for; all have one UUID."""

    journal: Journal
    topics: dict[str, MemoryPublisher] = field(default_factory=lambda: defaultdict(MemoryPublisher))
    uuid: str = "first"

    def topic_uuid(self, _topic: str) -> str:
        return self.uuid

    def latest_offsets(self, topic: str) -> dict[int, int]:
        return {part: len(self.topics[topic].partitions.get(part, [])) for part in (0, 1)}

    def retention_bytes(self, _topic: str) -> int:
        return 2**31

    def earliest_offsets(self, _topic: str) -> dict[int, int]:
        return {0: 0, 1: 0}

    def record_at(self, topic: str, partition: int, offset: int) -> Stored | None:
        return Stored(offset, 0, self.topics[topic].partitions[partition][offset])

    def lose(self, topic: str, partition: int, kept: int) -> None:
        """As a loss of power does: the partition ends after so many records."""
        del self.topics[topic].partitions[partition][kept:]

    @property
    def outlet(self) -> Outlet:
        return Outlet(lambda feed: self.topics[feed], self, self.journal, SEAL, holds=HeldRecords(self, self))
