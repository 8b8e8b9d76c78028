"""A topic as Kafka is told to keep it: by its contract, and by what it may take of the disk."""

from typing import Any

from millrace.contract.contract import Contract
from millrace.kafka.topic_retention import segment_bytes
from millrace.record.event import MAX_BYTES

FRAMING = 64 * 1024
"""Room for Kafka's own bytes around the largest event."""


def declared(contract: Contract, retention_bytes: int) -> dict[str, Any]:
    """A topic as its contract declares it, for the broker; each partition keeps that many bytes."""
    return {
        "num_partitions": contract.topic.partitions,
        "replication_factor": 1,
        "configs": {
            # Said although it is the default: after a restart Kafka 4.3.1 gives a topic that is made anew what its
            # namesake had beyond what is declared here. One that is compacted takes no record without a key; what
            # else somebody may have set changes how records are kept, and loses none.
            "cleanup.policy": "delete",
            "retention.ms": "-1",
            **sized(retention_bytes),
            "max.message.bytes": str(MAX_BYTES + FRAMING),
        },
    }


def sized(retention_bytes: int) -> dict[str, str]:
    """What a topic is told to keep that many bytes per partition."""
    return {"retention.bytes": str(retention_bytes), "segment.bytes": str(segment_bytes(retention_bytes))}
