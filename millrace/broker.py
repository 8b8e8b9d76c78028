"""What both sides of Kafka ask the broker: does a topic exist, which one is it, where does it end."""

import socket
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Protocol, TypeVar
from uuid import UUID

from kafka import KafkaAdminClient, TopicPartition
from kafka.admin import ConfigResource
from kafka.errors import (
    BrokerResponseError,
    KafkaError,
    NoError,
    TopicAlreadyExistsError,
    UnknownTopicOrPartitionError,
    for_code,
)

from millrace.contract.contract import Contract
from millrace.errors import Refused
from millrace.keepalive import socket_options
from millrace.record.event import MAX_BYTES
from millrace.waiting import ask_until

Client = TypeVar("Client")
LATEST, EARLIEST = -1, -2
FRAMING = 64 * 1024
"""Room for Kafka's own bytes around the largest event."""
SOCKET_OPTIONS = [(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1), *socket_options()]
"""Of every client; a setting of kafka-python's."""


def short_uuid(topic_id: UUID | str) -> str:
    """A topic's UUID as Kafka's tools print it: 22 characters."""
    value = topic_id if isinstance(topic_id, UUID) else UUID(topic_id)
    return urlsafe_b64encode(value.bytes).decode("ascii").rstrip("=")


def made_whole(kind: type[Client], **settings: Any) -> Client:
    """A client of kafka-python's that is connected; raises what its constructor does.

    Where that fails kafka-python leaves the client's thread and sockets behind, for ever.
    """
    client = kind.__new__(kind)
    try:
        client.__init__(**settings)  # type: ignore[misc]
    except BaseException:
        if inner := getattr(client, "_client", None):
            inner.close()
        raise
    return client


class Broker:
    """The questions put to one Kafka broker. Every failure is a Refused sentence that names its address."""

    def __init__(self, address: str, timeout_ms: int = 10_000) -> None:
        self.address = address
        self._timeout_ms = timeout_ms
        self._client: KafkaAdminClient | None = None

    def close(self) -> None:
        """Close the connection; the next question opens it again."""
        if self._client:
            self._client.close()
        self._client = None

    def topics(self) -> list[str]:
        """Every topic's name."""
        with self._asking() as client:
            return sorted(client.list_topics())

    def topic_uuid(self, topic: str) -> str | None:
        """The 22 characters that tell this topic from a later one of the same name; None where there is none."""
        found = self._describe(topic)
        return short_uuid(found["topic_id"]) if found else None

    def partitions(self, topic: str) -> tuple[int, ...]:
        """The topic's partitions; none where there is no such topic."""
        found = self._describe(topic)
        return tuple(sorted(part["partition_index"] for part in found["partitions"])) if found else ()

    def latest_offsets(self, topic: str) -> dict[int, int]:
        """The offset behind the last record of each partition; a transaction that is still open lies behind it."""
        return self._offsets(topic, LATEST)

    def earliest_offsets(self, topic: str) -> dict[int, int]:
        """The offset of the first record each partition still holds."""
        return self._offsets(topic, EARLIEST)

    def ensure_topics(self, contracts: Iterable[Contract]) -> list[str]:
        """Create the topics that are missing, as their contracts say; returns the created names."""
        present = self.topics()
        missing = {contract.feed: declared(contract) for contract in contracts if contract.feed not in present}
        if missing:
            with self._asking() as client:
                try:
                    client.create_topics(missing)
                except TopicAlreadyExistsError:
                    return []
                client.wait_for_topics(list(missing))
        return sorted(missing)

    def topic_settings(self, topics: Iterable[str]) -> dict[str, dict[str, str]]:
        """Every setting of each topic, by name; none of a topic that is not there."""
        with self._asking() as client:
            found = client.describe_configs([ConfigResource("TOPIC", topic) for topic in topics], config_filter="all")
        return {
            topic: {name: setting["value"] for name, setting in settings.items()}
            for topic, settings in found.get("topic", {}).items()
        }

    def delete_topic(self, topic: str, seconds: float = 60) -> None:
        """Delete a topic with all it holds, and wait until it is gone; one that is not there is fine."""

        def is_gone() -> bool:
            if self._describe(topic) is None:
                return True
            with self._asking() as client, suppress(UnknownTopicOrPartitionError):
                client.delete_topics([topic])
            return False

        if not ask_until(is_gone, bool, seconds=seconds):
            raise Refused(f"Kafka at {self.address} has not deleted the topic {topic} after {seconds:.0f} s.")

    def _describe(self, topic: str) -> dict[str, Any] | None:
        with self._asking() as client:
            found: dict[str, Any] = client.describe_topics([topic])[0]
            error = for_code(found.get("error_code", 0))
            if error is UnknownTopicOrPartitionError:
                return None
            if error is not NoError:
                raise error
        return found

    def _offsets(self, topic: str, spec: int) -> dict[int, int]:
        wanted = {TopicPartition(topic, partition): spec for partition in self.partitions(topic)}
        if not wanted:
            return {}
        with self._asking() as client:
            found = client.list_partition_offsets(wanted, isolation_level="read_committed")
        return {place.partition: answer.offset for place, answer in found.items()}

    @contextmanager
    def _asking(self) -> Iterator[KafkaAdminClient]:
        try:
            if self._client is None:
                self._client = made_whole(
                    KafkaAdminClient,
                    bootstrap_servers=self.address,
                    request_timeout_ms=self._timeout_ms,
                    bootstrap_timeout_ms=self._timeout_ms,
                    socket_options=SOCKET_OPTIONS,
                )
            yield self._client
        except (KafkaError, OSError) as error:
            self.close()
            why = refusal(self.address, error) or (
                f"Kafka at {self.address} does not answer ({type(error).__name__}); see `make status`, then try again."
            )
            raise Refused(why) from None


def refusal(address: str, error: Exception) -> str | None:
    """The sentence for what Kafka has refused; None where the error is no answer, or one that soon may be another."""
    if not isinstance(error, BrokerResponseError) or error.retriable:
        return None
    told = [str(part) for part in error.args if part] or [str(error.description)]
    return f"Kafka at {address} refuses that ({error.message}): {told[0].rstrip('.')}."


class Topics(Protocol):
    """Who knows a topic's UUID."""

    def topic_uuid(self, topic: str) -> str | None: ...


def present_uuid(topics: Topics, feed: str) -> str:
    """The UUID of the feed's topic; Refused where there is none."""
    uuid = topics.topic_uuid(feed)
    if uuid is None:
        raise Refused(
            f"Kafka has no topic {feed}; `make up` creates those of the feeds in lab.yml, `make feed-on FEED={feed}` "
            "this one."
        )
    return uuid


def declared(contract: Contract) -> dict[str, Any]:
    """A topic as its contract declares it, for the broker."""
    return {
        "num_partitions": contract.topic.partitions,
        "replication_factor": 1,
        "configs": {
            "retention.ms": "-1",
            "retention.bytes": str(contract.topic.retention_bytes),
            "segment.bytes": str(min(2**28, max(2**20, contract.topic.retention_bytes // 8))),
            "max.message.bytes": str(MAX_BYTES + FRAMING),
        },
    }
