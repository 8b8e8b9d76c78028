"""Kafka in memory, as a simulator's outlet sees it."""

from collections import defaultdict
from dataclasses import dataclass, field

from producer.kafka.journal import Journal
from producer.kafka.memory_topic import MemoryPublisher
from producer.kafka.outlet import Outlet


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

    @property
    def outlet(self) -> Outlet:
        return Outlet(lambda feed: self.topics[feed], self, self.journal)
