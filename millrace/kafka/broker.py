"""What both sides of Kafka ask the broker: does a topic exist, which one is it, where does it end."""

import sys
from base64 import urlsafe_b64encode
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from typing import Any, Protocol
from uuid import UUID

from kafka import TopicPartition
from kafka.admin import ConfigResource
from kafka.errors import NoError, TopicAlreadyExistsError, UnknownTopicOrPartitionError, for_code

from millrace.contract.contract import Contract
from millrace.errors import Refused
from millrace.kafka.connection import Connection
from millrace.kafka.topic_settings import declared, sized
from millrace.waiting import ask_until

LATEST, EARLIEST = -1, -2
ALL, COMMITTED = "read_uncommitted", "read_committed"
NO_TOPIC = "Kafka has no topic {topic}"


def short_uuid(topic_id: UUID | str) -> str:
    """A topic's UUID as Kafka's tools print it: 22 characters."""
    value = topic_id if isinstance(topic_id, UUID) else UUID(topic_id)
    return urlsafe_b64encode(value.bytes).decode("ascii").rstrip("=")


class Broker(Connection):
    """The questions put to one Kafka broker. Every failure is a Refused sentence that names its address."""

    def topics(self) -> list[str]:
        """Every topic's name."""
        with self.asking() as client:
            return sorted(client.list_topics())

    def topic_uuid(self, topic: str) -> str | None:
        """The 22 characters that tell this topic from a later one of the same name; None where there is none."""
        found = self._describe(topic)
        return short_uuid(found["topic_id"]) if found else None

    def partitions(self, topic: str) -> tuple[int, ...]:
        """The topic's partitions; none where there is no such topic."""
        found = self._describe(topic)
        return partitions_of(found) if found else ()

    def latest_offsets(self, topic: str) -> dict[int, int]:
        """The offset behind the last record of each partition, those of open transactions too."""
        return self.ends([topic])[topic]

    def ends(self, topics: Collection[str]) -> dict[str, dict[int, int]]:
        """The `latest_offsets` of several topics, asked for at once; none of one that is not there."""
        return self._offsets(topics, LATEST)

    def stable_offsets(self, topic: str) -> dict[int, int]:
        """Up to where each partition can be read: the oldest transaction that is still open begins there."""
        return self._offsets([topic], LATEST, COMMITTED)[topic]

    def earliest_offsets(self, topic: str) -> dict[int, int]:
        """The offset of the first record each partition still holds."""
        return self._offsets([topic], EARLIEST)[topic]

    def retention_bytes(self, topic: str) -> int:
        """Bytes that each partition keeps, as the broker does it now; Refused where there is no such topic."""
        return self.sizes([topic])[topic]

    def ensure_topics(self, contracts: Iterable[Contract], sizes: Mapping[str, int]) -> list[str]:
        """Create the topics that are missing; the created names. `sizes`: topic_retention.retention_bytes."""
        present = self.topics()
        missing = {each.feed: declared(each, sizes[each.feed]) for each in contracts if each.feed not in present}
        if missing:
            with self.asking() as client:
                try:
                    client.create_topics(missing)
                except TopicAlreadyExistsError:
                    return []
                client.wait_for_topics(list(missing))
        return sorted(missing)

    def topic_settings(self, topics: Collection[str]) -> dict[str, dict[str, str]]:
        """Every setting of each topic, by name; none of a topic that is not there."""
        if not topics:
            return {}
        with self.asking() as client:
            found = client.describe_configs([ConfigResource("TOPIC", topic) for topic in topics], config_filter="all")
        return {
            topic: {name: setting["value"] for name, setting in settings.items()}
            for topic, settings in found.get("topic", {}).items()
        }

    def resize_topics(self, sizes: Mapping[str, int], committed: Callable[[str], Mapping[int, int]]) -> list[str]:
        """Have these topics keep so many bytes per partition; the names of those that do so now.

        One that would drop records that are not `committed` yet is left as it is: it is for the next time.
        """
        now = self.sizes(sizes)
        due = [topic for topic, size in sizes.items() if size > now[topic] or self._is_read(topic, size, committed)]
        if due:
            with self.asking() as client:
                answer = client.alter_configs([ConfigResource("topic", each, sized(sizes[each])) for each in due])
            for topic, result in answer["topic"].items():
                if result != "OK":
                    raise Refused(f"Kafka at {self.address} does not resize the topic {topic}: {result}.")
        return sorted(due)

    def _is_read(self, topic: str, size: int, committed: Callable[[str], Mapping[int, int]]) -> bool:
        """Whether what is not committed takes less than half of what will be kept, records being of one size."""
        first, ends = self.earliest_offsets(topic), self.latest_offsets(topic)
        if first == ends:
            return True
        done, most = committed(topic), max(size, self.retention_bytes(topic))
        held = max(ends[partition] - first[partition] for partition in ends)
        unread = max(ends[partition] - done.get(partition, 0) for partition in ends)
        return unread / held < size / most / 2

    def sizes(self, topics: Collection[str]) -> dict[str, int]:
        """Bytes that each partition of these topics keeps; sys.maxsize where there is no limit."""
        found = self.topic_settings(topics)
        gone = [topic for topic in topics if not found.get(topic)]
        if gone:
            raise no_topic(gone[0])
        kept = {topic: int(found[topic]["retention.bytes"]) for topic in topics}
        return {topic: size if size >= 0 else sys.maxsize for topic, size in kept.items()}

    def delete_topic(self, topic: str, seconds: float = 60) -> None:
        """Delete a topic with all it holds, and wait until it is gone; one that is not there is fine."""

        def is_gone() -> bool:
            if self._describe(topic) is None:
                return True
            with self.asking() as client, suppress(UnknownTopicOrPartitionError):
                client.delete_topics([topic])
            return False

        if not ask_until(is_gone, bool, seconds=seconds):
            raise Refused(f"Kafka at {self.address} has not deleted the topic {topic} after {seconds:.0f} s.")

    def _describe(self, topic: str) -> dict[str, Any] | None:
        return self._described([topic]).get(topic)

    def _described(self, topics: Collection[str]) -> dict[str, dict[str, Any]]:
        """Those that are there, by name."""
        if not topics:  # asked for none, Kafka describes all
            return {}
        with self.asking() as client:
            found: dict[str, dict[str, Any]] = {each["name"]: each for each in client.describe_topics([*topics])}
            errors = {topic: for_code(each.get("error_code", 0)) for topic, each in found.items()}
            for error in errors.values():
                if error not in {NoError, UnknownTopicOrPartitionError}:
                    raise error
        return {topic: each for topic, each in found.items() if errors[topic] is NoError}

    def _offsets(self, topics: Collection[str], spec: int, isolation: str = ALL) -> dict[str, dict[int, int]]:
        offsets: dict[str, dict[int, int]] = {topic: {} for topic in topics}
        described = self._described(topics)
        wanted = {
            TopicPartition(topic, part): spec for topic, found in described.items() for part in partitions_of(found)
        }
        if wanted:
            with self.asking() as client:
                answers = client.list_partition_offsets(wanted, isolation_level=isolation)
            for each, answer in answers.items():
                offsets[each.topic][each.partition] = answer.offset
        return offsets


def partitions_of(described: Mapping[str, Any]) -> tuple[int, ...]:
    """The numbers of a topic's partitions, by Kafka's description of it."""
    return tuple(sorted(part["partition_index"] for part in described["partitions"]))


class Topics(Protocol):
    """Who knows a topic's UUID."""

    def topic_uuid(self, topic: str) -> str | None: ...


def present_uuid(topics: Topics, feed: str) -> str:
    """The UUID of the feed's topic; Refused where there is none."""
    uuid = topics.topic_uuid(feed)
    if uuid is None:
        raise no_topic(feed)
    return uuid


def no_topic(feed: str) -> Refused:
    """What is said where a feed's topic is not there."""
    return Refused(
        f"{NO_TOPIC.format(topic=feed)}; `make up` creates those of the feeds in lab.yml, `make feed-on FEED={feed}` "
        "this one."
    )
