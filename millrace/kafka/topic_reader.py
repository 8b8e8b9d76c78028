"""Single records of a topic, and short ranges of it, as a consumer sees them that is no part of the stream."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError, OffsetOutOfRangeError

from millrace.errors import Refused
from millrace.kafka.connection import failure, made_whole
from millrace.kafka.unpacking import UnpackedTooLargeError
from millrace.kafka_account import KafkaAccount
from millrace.waiting import Patience

POLL_MS = 500
SECONDS = 10.0
FETCH_BYTES = 256 * 1024
FETCH_WAIT_MS = 20
"""The client asks for what comes next before it is wanted; the next question waits for that answer."""
AT_ONCE = 20
"""Records that are unpacked at once: many that are packed well are more than memory holds."""


class Stored(NamedTuple):
    """A record in Kafka; its time in milliseconds since 1970."""

    offset: int
    timestamp: int
    value: bytes | None


class TooLargeToRead(Refused):
    """See millrace.kafka.unpacking."""


class TopicReader:
    """Reads committed records, so what a transaction has aborted is not there; `every`: those of open ones too.

    Refused when Kafka does not answer, TooLargeToRead where records unpack to more than is read.
    """

    def __init__(self, account: KafkaAccount, seconds: float = SECONDS, *, every: bool = False) -> None:
        self._account, self._seconds = account, seconds
        self._isolation = "read_uncommitted" if every else "read_committed"
        self._consumer: KafkaConsumer | None = None

    def close(self) -> None:
        """Close the connection; the next question opens it again."""
        if self._consumer:
            self._consumer.close()
        self._consumer = None

    def record_at(self, topic: str, partition: int, offset: int) -> Stored | None:
        """The record at that offset; None where the topic holds none there."""
        return next(self.records(topic, partition, offset, offset + 1), None)

    def is_too_large(self, topic: str, partition: int, offset: int) -> bool:
        """Whether the record there, with those that were sent in its batch, unpacks to more than is read."""
        try:
            self.record_at(topic, partition, offset)
        except TooLargeToRead:
            return True
        return False

    def records(self, topic: str, partition: int, start: int, end: int) -> Iterator[Stored]:
        """The records from `start` to before `end`; none where the topic begins behind `start`, or ends before it."""
        try:
            for record in self._read(TopicPartition(topic, partition), start, end):
                yield Stored(record.offset, record.timestamp, record.value)
        except OffsetOutOfRangeError:
            return
        except (KafkaError, OSError) as error:
            self.close()
            kind = TooLargeToRead if isinstance(error, UnpackedTooLargeError) else Refused
            raise kind(failure(self._account.address, error)) from None

    def _read(self, topic_partition: TopicPartition, start: int, end: int) -> Iterator[Any]:
        consumer = self._consumer = self._consumer or made_whole(
            KafkaConsumer,
            self._account,
            enable_auto_commit=False,
            isolation_level=self._isolation,
            max_partition_fetch_bytes=FETCH_BYTES,
            fetch_max_wait_ms=FETCH_WAIT_MS,
            auto_offset_reset="none",
        )
        consumer.assign([topic_partition])
        consumer.seek(topic_partition, start)
        waiting = Patience(self._seconds)
        while consumer.position(topic_partition) < end:
            # Not one more: what comes behind may be too large.
            most = min(AT_ONCE, end - consumer.position(topic_partition))
            for record in consumer.poll(timeout_ms=POLL_MS, max_records=most).get(topic_partition, []):
                if record.offset >= end:
                    return
                waiting.moved()
                yield record
            if waiting.is_over:
                raise TimeoutError(f"{topic_partition} gives nothing behind {consumer.position(topic_partition)}")
