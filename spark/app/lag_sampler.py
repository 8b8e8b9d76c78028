"""Every ten seconds: how far each feed is behind its topic, in records and in seconds."""

import logging
from collections.abc import Iterable
from contextlib import closing, suppress
from datetime import UTC, datetime
from threading import Event
from time import monotonic
from typing import Any, NamedTuple

from kafka import KafkaConsumer, TopicPartition
from sqlalchemy.exc import SQLAlchemyError

from millrace.kafka.broker import Broker
from millrace.kafka.connection import Unanswered, made_whole
from millrace.kafka.topic_reader import FETCH_WAIT_MS
from millrace.kafka.unpacking import UnpackedTooLargeError
from millrace.kafka_account import KafkaAccount
from millrace.settings import Settings
from spark.app.feed_runner import FeedRunner
from spark.app.watchdog import Outage, Pulse
from spark.topic.offsets import Offsets
from sql.events import LabEvent
from sql.ledger.ledger import Ledger

log = logging.getLogger(__name__)
INTERVAL_SECONDS = 10
POLL_MS = 2000


class Ages:
    """Asks Kafka how old records are, through one consumer for all topics: making one costs more than its answers."""

    def __init__(self, account: KafkaAccount) -> None:
        self._account = account
        self._consumer: KafkaConsumer | None = None

    def oldest(self, topic: str, behind: Offsets) -> float | None:
        """Age in seconds of the oldest record that is not committed; None where Kafka does not say in time."""
        try:
            polled = self._poll({TopicPartition(topic, part): offset for part, offset in behind.items()})
        except UnpackedTooLargeError:
            self.close()
            return None
        except Exception:
            self.close()
            raise
        times = [records[0].timestamp for records in polled.values() if records]
        return max(0.0, datetime.now(UTC).timestamp() - min(times) / 1000) if times else None

    def close(self) -> None:
        """Close the consumer; the next question makes another."""
        if self._consumer:
            self._consumer.close()
        self._consumer = None

    def _poll(self, offsets: dict[TopicPartition, int]) -> dict[TopicPartition, list[Any]]:
        self._consumer = self._consumer or made_whole(
            KafkaConsumer,
            self._account,
            enable_auto_commit=False,
            max_partition_fetch_bytes=64 * 1024,
            fetch_max_wait_ms=FETCH_WAIT_MS,
        )
        polled: dict[TopicPartition, list[Any]] = {}
        for part, offset in offsets.items():  # one record of each: many that are packed well are more than memory holds
            self._consumer.assign([part])
            self._consumer.seek(part, offset)
            polled |= self._consumer.poll(timeout_ms=POLL_MS, max_records=1)
        return polled


class Sample(NamedTuple):
    """How far a topic and its feed are, and how many records lie between; how many of them can be read.

    `held`: partitions that are loaded up to a transaction that is still open, and where it begins.
    """

    latest: Offsets
    committed: Offsets
    lag: int
    readable: int
    held: Offsets


def sample(ages: Ages, broker: Broker, ledger: Ledger, feed: str) -> Sample | None:
    """One sample of one feed, noted in the ledger.

    None where the topic has gone or is another one: its ends say nothing of the one that the ledger knows.
    """
    latest, committed = broker.latest_offsets(feed), ledger.committed_offsets(feed)
    if broker.topic_uuid(feed) != ledger.known_topic(feed):
        return None
    behind = {part: committed.get(part, 0) for part, end in latest.items() if end > committed.get(part, 0)}
    stable = broker.stable_offsets(feed) if behind else {}
    held = {part: stable[part] for part, offset in behind.items() if offset >= stable.get(part, latest[part])}
    lag = _between(committed, latest)
    ledger.record_sample(feed, lag, ages.oldest(feed, behind) if behind else 0.0)
    return Sample(latest, committed, lag, _between(committed, stable), held)


def _between(committed: Offsets, ends: Offsets) -> int:
    return sum(max(0, end - committed.get(part, 0)) for part, end in ends.items())


def run_sampler(
    settings: Settings, ledger: Ledger, runners: Iterable[FeedRunner], stopping: Event, pulse: Pulse
) -> None:
    """Samples until `stopping` is set. A sample that fails is skipped: the feeds report their own state."""
    kafka = Outage()
    with closing(Broker(settings.kafka_account)) as broker, closing(Ages(settings.kafka_account)) as ages:
        while not stopping.wait(INTERVAL_SECONDS):
            pulse.beat()
            for runner in runners:
                pulse.beat()
                asked = monotonic()
                try:
                    seen = sample(ages, broker, ledger, runner.feed)
                    runner.kafka_answers()
                    if (seconds := kafka.ends()) is not None:
                        ledger.note(LabEvent("back", f"Kafka answers again, after {seconds:.0f} s."))
                    if seen is not None:
                        runner.report(latest=seen.latest)
                        runner.watch(seen.committed, seen.lag, seen.readable, seen.held)
                except Unanswered as error:
                    _note_loss(ledger, kafka, error)
                    for each in runners:
                        each.kafka_is_silent(asked)
                    break
                except Exception as error:
                    runner.kafka_answers()
                    log.debug("no sample of %s: %s", runner.feed, error)
            _prune(ledger)


def _note_loss(ledger: Ledger, kafka: Outage, error: Unanswered) -> None:
    if kafka.begins():
        with suppress(SQLAlchemyError, OSError):
            ledger.note(LabEvent("lost", str(error)))


def _prune(ledger: Ledger) -> None:
    with suppress(SQLAlchemyError, OSError):
        ledger.prune_events()
