"""Where events go: Kafka. Tests have a list that behaves the same."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol

from kafka import KafkaProducer
from kafka.errors import KafkaError
from kafka.producer.future import FutureRecordMetadata

from millrace.errors import Refused
from millrace.kafka.connection import kafka_disk_full, made_whole, refusal
from millrace.kafka.topic_settings import FRAMING
from millrace.kafka_account import KafkaAccount
from millrace.record.event import MAX_BYTES

BATCH_EVENTS, BATCH_BYTES = 1_000, 1 << 20
"""What is published at once, at most. It fits one of Kafka's batches: the client's thread is woken for each of them."""


class Receipt(Protocol):
    """The broker's answer for a batch."""

    def is_here(self) -> bool:
        """Whether the answer can be had without waiting."""

    def end_offset(self) -> int:
        """Wait until every event of the batch is acknowledged; the offset behind the last. Refused when one is not."""


class Publisher(Protocol):
    """Takes batches of events, each for one partition of the topic, and gives a receipt at once."""

    def publish(self, partition: int, events: Sequence[bytes]) -> Receipt: ...

    def close(self) -> None: ...


class KafkaReceipt:
    """The futures of one batch."""

    def __init__(self, address: str, futures: Sequence[FutureRecordMetadata], wait_seconds: float) -> None:
        self._address = address
        self._futures = futures
        self._wait_seconds = wait_seconds

    def is_here(self) -> bool:
        """See Receipt."""
        return bool(self._futures[-1].is_done)

    def end_offset(self) -> int:
        """See Receipt. A later event may succeed where an earlier one failed, so each is asked."""
        try:
            for future in self._futures:
                if not future.is_done or future.failed():
                    future.get(timeout=self._wait_seconds)
            return int(self._futures[-1].get(timeout=self._wait_seconds).offset) + 1
        except KafkaError as error:
            raise _lost(self._address, error) from None


class KafkaPublisher:
    """One idempotent producer: the broker drops a batch that is sent twice because its answer was lost.

    `patience` bounds all retries, in seconds; `linger_ms` trades a fuller batch for a later one.
    """

    def __init__(self, account: KafkaAccount, topic: str, *, patience: float = 30, linger_ms: int = 20) -> None:
        self._address, self._topic, self._patience = account.address, topic, patience
        try:
            self._producer = made_whole(
                KafkaProducer,
                account,
                bootstrap_timeout_ms=int(min(patience, 15) * 1000),
                acks="all",
                enable_idempotence=True,
                batch_size=BATCH_BYTES + FRAMING,
                linger_ms=linger_ms,
                max_request_size=MAX_BYTES + FRAMING,
                max_block_ms=int(patience * 1000),
                request_timeout_ms=int(patience * 500),
                delivery_timeout_ms=int(patience * 1000),
                allow_auto_create_topics=False,
                metrics_enabled=False,
            )
        except (KafkaError, OSError) as error:
            raise _lost(self._address, error) from None

    def publish(self, partition: int, events: Sequence[bytes]) -> KafkaReceipt:
        """See Publisher. Naming the partition spares hashing a key per event, a third of the cost."""
        send, topic = self._producer.send, self._topic
        try:
            futures = [send(topic, event, partition=partition) for event in events]
        except (KafkaError, OSError) as error:
            raise _lost(self._address, error) from None
        return KafkaReceipt(self._address, futures, self._patience + 5)

    def close(self) -> None:
        """Give up what is not acknowledged; whoever needs an answer has asked its receipts before."""
        try:
            self._producer.close(timeout=2)
        except KafkaError:
            # close() first waits for every answer and, without one, leaves the sender running: it must be told to drop
            # what it holds, or it would still send, and complain, after we have said that we stopped (kafka-python
            # 3.0.12).
            sender = self._producer._sender
            sender.force_close()
            sender.join(5)
            with suppress(KafkaError):
                self._producer.close(timeout=1)


def _lost(address: str, error: Exception) -> Refused:
    return Refused(
        refusal(address, error)
        or kafka_disk_full()
        or f"Kafka at {address} stopped answering ({type(error).__name__}); see `make status`, then send again: "
        "what it has acknowledged is not sent twice."
    )
