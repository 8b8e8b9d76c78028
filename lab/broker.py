"""What Kafka holds: the end of every partition, asked from the broker itself."""

from collections.abc import Iterable

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError


def end_offsets(bootstrap: str, topics: Iterable[str], *, timeout_ms: int = 3000) -> dict[str, dict[int, int]]:
    """The next offset of each partition per topic; a topic that does not exist is absent.

    Raises KafkaError when the broker does not answer in time.
    """
    consumer = KafkaConsumer(
        bootstrap_servers=bootstrap,
        bootstrap_timeout_ms=timeout_ms,
        request_timeout_ms=timeout_ms,
        enable_auto_commit=False,
    )
    try:
        present = consumer.topics()
        partitions = [
            TopicPartition(topic, number)
            for topic in topics
            if topic in present
            for number in consumer.partitions_for_topic(topic) or ()
        ]
        ends = consumer.end_offsets(partitions, timeout_ms=timeout_ms) if partitions else {}
    finally:
        consumer.close()
    offsets: dict[str, dict[int, int]] = {}
    for partition, end in ends.items():
        offsets.setdefault(partition.topic, {})[partition.partition] = end
    return offsets


__all__ = ["KafkaError", "end_offsets"]
