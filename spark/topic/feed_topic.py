"""A feed's topic as the running query sees it: which one it is, its partitions, where it begins and ends."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from millrace.errors import Refused
from millrace.kafka.broker import Broker
from millrace.kafka.topic_reader import TooLargeToRead, TopicReader
from millrace.record.mark import Mark, Standing, mark_of
from spark.topic.offsets import Offsets

Answer = TypeVar("Answer")
COLUMNS = ("value", "partition", "offset", "timestamp")
"""What is read of its records."""


class Unavailable(Exception):  # noqa: N818 - it says how the other side is
    """Kafka does not answer, or has changed under the query; starting the query again will mend it."""


class FeedTopic:
    """One topic, its UUID pinned when it is opened."""

    def __init__(self, broker: Broker, reader: TopicReader, name: str) -> None:
        self._broker, self._reader = broker, reader
        self.name = name
        self.uuid = self._ask(lambda: broker.topic_uuid(name)) or ""
        if not self.uuid:
            raise Unavailable(f"Topic {name} does not exist; run `make up` to create it.")
        self.partitions = self._ask(lambda: broker.partitions(name))

    def latest(self) -> Offsets:
        """Per partition, the offset behind the last record that can be read."""
        ends = self._ask(lambda: self._broker.stable_offsets(self.name))
        self.check_uuid()  # of one that has gone there are none
        return ends

    def earliest(self) -> Offsets:
        """Per partition, the offset of the first record it still holds."""
        return self._ask(lambda: self._broker.earliest_offsets(self.name))

    def standing(self, partition: int, mark: Mark) -> Standing:
        """What stands at the mark; the record itself is believed to where it is too large to be read here."""

        def look() -> Standing:
            try:
                found = self._reader.record_at(self.name, partition, mark.offset)
            except TooLargeToRead:
                return "held"
            if found is None:
                return "gone"
            return "held" if mark_of(*found) == mark else "other"

        return self._ask(look)

    def times(self, partition: int, start: int, end: int) -> dict[int, int]:
        """By offset, the times in milliseconds since 1970 of readable records from `start` to before `end`."""

        def scan() -> dict[int, int]:
            found, at = {}, start
            while at < end:
                try:
                    for record in self._reader.records(self.name, partition, at, end):
                        found[record.offset], at = record.timestamp, record.offset + 1
                    break
                except TooLargeToRead:
                    at += 1
            return found

        return self._ask(scan)

    def count(self, partition: int, start: int, end: int) -> int:
        """How many records stand from `start` to before `end`."""
        first = max(start, self.earliest()[partition])
        return self._ask(lambda: sum(1 for _ in self._reader.records(self.name, partition, first, end)))

    def is_too_large(self, partition: int, offset: int) -> bool:
        """Whether the record there, with those that were sent in its batch, unpacks to more than is read."""
        return self._ask(lambda: self._reader.is_too_large(self.name, partition, offset))

    def check_marks(self, marks: Mapping[int, Mark]) -> None:
        """The records of those marks still stand: the topic has not lost its end while it was read."""
        missing = {partition: mark for partition, mark in marks.items() if self.standing(partition, mark) != "held"}
        begins = self.earliest() if missing else {}
        if any(mark.offset >= begins[partition] for partition, mark in missing.items()):
            raise Unavailable(f"Topic {self.name} no longer holds what was loaded last; the query looks for the cut.")

    def check_partitions(self, offsets: Offsets) -> None:
        """Every partition was known when the query started; one that was added since has no console identity yet."""
        if not offsets.keys() <= set(self.partitions):
            raise Unavailable(f"Topic {self.name} has more partitions than before; the query starts again with all.")

    def check_uuid(self) -> None:
        """The topic is still the one that was opened."""
        found = self._ask(lambda: self._broker.topic_uuid(self.name))
        if found != self.uuid:
            raise Unavailable(f"Topic {self.name} was deleted or made anew while it was read.")

    def _ask(self, question: Callable[[], Answer]) -> Answer:
        try:
            return question()
        except Refused as error:
            raise Unavailable(str(error)) from None
