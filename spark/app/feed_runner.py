"""Keeps one feed's query alive: back-off and restart on failure, a full stop where only a person can help."""

import logging
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Event, Lock
from time import monotonic

from pyspark.sql import SparkSession
from pyspark.sql.streaming.query import StreamingQuery
from sqlalchemy.exc import SQLAlchemyError

from millrace.kafka.broker import Broker
from millrace.kafka.topic_reader import TopicReader
from millrace.record.seal import Seal, Trust
from millrace.settings import Settings
from spark.app.dry_run import try_contract
from spark.app.failure_verdict import FailedRun, kind_of, verdict
from spark.app.query import start_query
from spark.app.scratch_folders import Unrecoverable
from spark.app.watchdog import STANDSTILL_SECONDS, HeldBack, Pulse, Standstill, StoodStill
from spark.app.why_waiting import OPEN_TRANSACTION, why_waiting
from spark.decode.record_fields import Reader
from spark.load.error_summary import sentence
from spark.load.micro_batch import BatchLoader
from spark.topic.feed_topic import FeedTopic
from spark.topic.offsets import Offsets
from spark.topic.opening import Opening
from sql.errors import LostEpoch
from sql.ledger.ledger import FeedState, Ledger
from sql.schema.ledger_tables import WAITING_SECONDS

log = logging.getLogger(__name__)
LONGEST_PAUSE_SECONDS = 15
POLL_SECONDS = 1
ASK_SECONDS = 5
"""How often it is asked why records wait."""


class FeedRunner:
    """One feed, run by its own thread. A failing feed never stops another."""

    def __init__(self, spark: SparkSession, settings: Settings, feed: str, ledger: Ledger, stopping: Event) -> None:
        self.feed = feed
        self._spark, self._settings, self._ledger, self._stopping = spark, settings, ledger, stopping
        self._state: tuple[FeedState, str] = ("starting", "")
        self._reporting, self._has_left = Lock(), False
        self._stuck = Event()
        self._failed_before: FailedRun | None = None
        self._standstill = Standstill()
        self._ending: list[BatchLoader] = []
        self._asked, self._loads = 0.0, 0
        self._held = HeldBack()
        self._silent_since: float | None = None
        self.pulse = Pulse()

    def run(self) -> None:
        """Runs until the application stops or the feed has to stop. Raises LostEpoch, and Unrecoverable."""
        account = self._settings.kafka_account
        with closing(Broker(account)) as broker, closing(TopicReader(account)) as records:
            pauses = _pauses()
            while not self._stopping.is_set():
                self.pulse.beat()
                began = monotonic()
                committed = self._try_once(broker, records)
                if self._state[0] == "stopped":
                    return
                if committed or monotonic() - began > LONGEST_PAUSE_SECONDS:
                    pauses = _pauses()
                self.pulse.beat()
                self._stopping.wait(next(pauses))

    def report(self, state: FeedState | None = None, message: str = "", latest: Offsets | None = None) -> None:
        """Tells the ledger the feed's state (the last one, unless given) and the topic's ends, until `leave`."""
        with self._reporting:
            if self._has_left:
                return
            if state is not None:
                self._state = (state, message)
                log.info("%s is %s%s", self.feed, state, f": {message}" if message else "")
            self._ledger.set_feed_state(self.feed, *self._state, latest)

    def leave(self) -> None:
        """From now on another says what the feed's state is: the sampler may be about to report the last one again."""
        with self._reporting:
            self._has_left = True

    def kafka_is_silent(self, since: float) -> None:
        """Kafka has not answered since then, by the monotonic clock; how much waits nobody knows."""
        self._silent_since = self._silent_since or since

    def kafka_answers(self) -> None:
        """Whatever waited while it was silent begins to wait now."""
        if self._silent_since is not None:
            self._silent_since, self._standstill = None, Standstill()

    def watch(self, committed: Offsets, lag: int, readable: int, held: Offsets) -> None:
        """Starts the query again where records wait that can be read, and nothing has moved for long.

        `held`: by partition, where an open transaction begins up to which all is loaded.
        """
        now = monotonic()
        is_long = self._standstill.seen(committed, lag, now)
        self._held.seen(held, now)
        if is_long and readable and self._state[0] in {"running", "waiting"}:
            self._stuck.set()

    def _try_once(self, broker: Broker, records: TopicReader) -> int:
        """One run of the query; how many loads it committed. Its failure becomes the feed's state."""
        loader: BatchLoader | None = None
        self._ending = [each for each in self._ending if each.is_busy]
        overlapped = bool(self._ending)
        try:
            self._ledger.undo_pending(self.feed)
            loader, start = self._open(broker, records)
            self._watch(start_query(self._spark, self._settings, loader.contract, loader, start), loader)
        except LostEpoch:
            raise
        except Exception as error:
            if not self._stopping.is_set():
                # A batch that failed because the query was stopped is not why it was stopped.
                own = loader.failure if loader and not isinstance(error, StoodStill) else None
                self._fail(own or error, loader, overlapped)
        return loader.loads if loader else 0

    def _open(self, broker: Broker, records: TopicReader) -> tuple[BatchLoader, Offsets]:
        contract = self._ledger.contracts[self.feed]
        topic = FeedTopic(broker, records, contract.feed)
        trust = Trust(Seal(self._settings.record_key), self._ledger.older_ends(topic.uuid))
        try_contract(Reader(contract, topic.uuid, len(topic.partitions), trust))
        committed = self._ledger.open_feed(contract.feed, topic.uuid, contract.version, *self._state)
        start = Opening(self._ledger, self.feed, topic).go_on(committed)
        records.close()
        typed_from = self._ledger.typed_from(self.feed, topic.uuid)
        reader = Reader(contract, topic.uuid, len(topic.partitions), trust, typed_from)
        checkpoint = Path(self._settings.state_dir) / "checkpoints" / self.feed
        marks = self._ledger.newest_marks(self.feed, topic.uuid, start)
        return BatchLoader(self._settings, reader, self._ledger, topic, checkpoint, marks), start

    def _watch(self, query: StreamingQuery, loader: BatchLoader) -> None:
        try:
            # What has failed is believed to run when it has loaded what waits, and not before.
            if self._state[0] != "retrying":
                self.report("running")
            self.kafka_answers()  # it has just opened the topic
            self._stuck.clear()
            while not self._stopping.is_set() and not query.awaitTermination(POLL_SECONDS):
                self.pulse.beat()
                self._report_waiting(loader)
                if loader.failure:  # a commit's, after its batch
                    raise loader.failure
                if self._stuck.is_set() and not loader.is_committing:
                    raise StoodStill(f"Records wait, and nothing was committed for {STANDSTILL_SECONDS} s.")
                # A commit ends by its own time-outs, and takes minutes where it takes millions of rows out.
                self._stuck.clear()
        finally:
            loader.close()
            self._ending.append(loader)
            query.stop()

    def _report_waiting(self, loader: BatchLoader) -> None:
        """Says that the feed waits, and why, or that it runs again; what cannot be told now the sampler tells later."""
        now, state = monotonic(), self._state
        if loader.loads > self._loads:
            self._standstill.moved()
        self._loads = loader.loads
        since = self._silent_since
        # Why it has failed says more.
        silent = 0 if since is None or state[0] == "retrying" else now - since
        waits = max(loader.busy_seconds, self._standstill.waits(now), silent)
        if self._held.waits(now) >= WAITING_SECONDS and loader.busy_seconds < WAITING_SECONDS:
            state = ("waiting", OPEN_TRANSACTION)
        elif waits >= WAITING_SECONDS and now - self._asked >= ASK_SECONDS:
            self._asked = now
            is_silent = silent >= WAITING_SECONDS
            state = ("waiting", loader.trouble or why_waiting(self._spark, self._ledger, loader.records, is_silent))
        elif waits < WAITING_SECONDS and (state[0] == "waiting" or (state[0] == "retrying" and loader.batches)):
            state = ("running", "")
        if state != self._state:
            try:
                self.report(*state)
            except (SQLAlchemyError, OSError) as error:
                log.warning("%s: %s", self.feed, sentence(error))

    def _fail(self, error: Exception, loader: BatchLoader | None, overlapped: bool) -> None:
        """The feed's state becomes what the failure asks for, see spark.app.failure_verdict. Raises Unrecoverable."""
        if isinstance(error, LostEpoch):
            raise error
        committed = bool(loader and loader.loads)
        life = FailedRun(kind_of(error), opened=loader is not None, committed=committed, overlapped=overlapped)
        found = verdict(self._failed_before, life)
        self._failed_before = life
        if found == "give up":
            raise Unrecoverable(f"{self.feed}: {sentence(error)}") from error
        log.debug("%s failed", self.feed, exc_info=error)
        try:
            if found == "stop":
                self._ledger.undo_pending(self.feed)
            self.report("stopped" if found == "stop" else "retrying", sentence(error))
        except LostEpoch:
            raise
        except Exception as unheard:
            log.warning("%s: %s", self.feed, sentence(unheard))


def _pauses() -> Iterator[float]:
    """Seconds before each next try: 1, 2, 4 … 15."""
    pause = 1
    while True:
        yield pause
        pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
