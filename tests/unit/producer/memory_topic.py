"""A topic in memory, for tests: a list per partition, which can be told to fail."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from millrace.errors import Refused


@dataclass
class MemoryReceipt:
    """What the topic in memory says of a batch."""

    end: int | None

    def is_here(self) -> bool:
        """See producer.kafka.publisher.Receipt."""
        return True

    def end_offset(self) -> int:
        """See producer.kafka.publisher.Receipt."""
        if self.end is None:
            raise Refused("Kafka in memory stopped answering; send again.")
        return self.end


@dataclass
class MemoryPublisher:
    """Keeps what is published. After `fail_after` events it acknowledges nothing more, and keeps nothing more."""

    fail_after: int | None = None
    partitions: dict[int, list[bytes]] = field(default_factory=dict)
    closed: bool = False

    def publish(self, partition: int, events: Sequence[bytes]) -> MemoryReceipt:
        """See producer.kafka.publisher.Publisher."""
        if self.fail_after is not None and len(self.events) + len(events) > self.fail_after:
            return MemoryReceipt(None)
        log = self.partitions.setdefault(partition, [])
        log.extend(events)
        return MemoryReceipt(len(log))

    def close(self) -> None:
        """See producer.kafka.publisher.Publisher."""
        self.closed = True

    @property
    def events(self) -> list[bytes]:
        """Every event, partition by partition."""
        return [event for partition in sorted(self.partitions) for event in self.partitions[partition]]
