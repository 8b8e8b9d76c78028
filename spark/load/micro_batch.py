"""One micro-batch of a feed: begin the load, let the executors load it, commit it."""

import logging
from collections.abc import Callable, Mapping
from functools import cached_property, partial
from pathlib import Path
from threading import Event, Lock
from time import monotonic

from pyspark.sql import DataFrame, Row

from millrace import failpoints
from millrace.record.mark import Mark
from millrace.settings import Settings
from spark.decode.record_fields import Reader
from spark.jvm import ArrowMapping
from spark.load.blame import TOO_LARGE, Failure, is_too_large
from spark.load.error_summary import sentence
from spark.load.load_task import BEGINS_LATER, LOAD_PROPERTY, REFUSE_FOR, LoadTask
from spark.load.narrowing import load_narrowed
from spark.load.reads import load_read, partition_reads
from spark.load.row_spool import SCHEMA
from spark.load.turns import Turns
from spark.topic.feed_topic import COLUMNS, FeedTopic, Unavailable
from spark.topic.offset_range import OffsetRange
from spark.topic.offsets import batch_offsets
from spark.topic.topic_frames import part_of, unread
from sql.ledger.commit import LoadRead
from sql.ledger.counts import LoadCounts
from sql.ledger.ledger import Ledger

log = logging.getLogger(__name__)

CLOSE_SECONDS = 10
ONE_TASK_RECORDS = 2_000
"""Up to so many, one task for all partitions costs less than one for each."""
EARLY_RECORDS = 20_000
"""From so many on, the records of a load are read and cleaned while the load before it is being committed."""
CANCEL_SECONDS = 0.2


class Closed(Exception):  # noqa: N818 - it says why nothing is loaded
    """The query is being stopped; no load begins any more."""


class BatchLoader:
    """foreachBatch of one run of a feed's query.

    `batches` counts those that ended well, `loads` the loads that were committed; a batch may have none, or many.
    `is_committing`: the load is with the ledger, whose own time-outs end it.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - what a load needs
        self,
        settings: Settings,
        reader: Reader,
        ledger: Ledger,
        topic: FeedTopic,
        checkpoint: Path,
        marks: Mapping[int, Mark],
    ) -> None:
        self.settings, self.contract, self.ledger = settings, reader.contract, ledger
        self._reader, self._marks = reader, dict(marks)
        self.topic, self.checkpoint = topic, checkpoint
        self.loads = self.batches = 0
        self.is_committing = False
        self.failure: Exception | None = None
        self.records = 0
        """Of the load that is under way."""
        self.trouble = ""
        """What the last try to load has met, while the batch is under way."""
        self._busy_since: float | None = None
        self._busy, self._is_closed = Lock(), False
        self._turns = Turns()

    def __call__(self, records: DataFrame, batch_id: int) -> None:
        """Loads the Kafka records of one batch. What goes wrong is kept in `failure`: Spark would distort it."""
        try:
            with self._busy:
                self._check_open()
                start, end = batch_offsets(self.checkpoint, batch_id, self.topic.name)
                if start != end:  # Spark runs a first batch even where there is nothing new
                    self._load_all(records, OffsetRange(start, end))
            self.batches += 1
        except Exception as error:
            self.failure = self.failure or error
            raise
        finally:
            self._busy_since, self.records, self.trouble = None, 0, ""

    def close(self) -> None:
        """Waits some time for the running load to end, and begins no other."""
        until = monotonic() + CLOSE_SECONDS
        ended = self._busy.acquire(timeout=CLOSE_SECONDS)
        self._is_closed = True
        if ended:
            self._busy.release()
        self._turns.wait(until - monotonic())

    @property
    def is_busy(self) -> bool:
        """Whether a batch or a commit is under way; one may be even after `close`."""
        return self._busy.locked() or not self._turns.are_over

    @property
    def busy_seconds(self) -> float:
        """How long a batch has been under way without having committed anything."""
        since = self._busy_since
        return 0 if since is None else monotonic() - since

    def _check_open(self) -> None:
        if self._is_closed:
            raise Closed(self.contract.feed)

    def _load_all(self, records: DataFrame, batch: OffsetRange) -> None:
        # Once: a consumer of Kafka's that ran out of memory goes on behind the record that it could not hold.
        as_streamed = [records]

        def load(wanted: OffsetRange, refuse_for: Failure | None = None) -> None:
            self._check_open()
            self.records = wanted.size
            try:
                if refuse_for and is_too_large(refuse_for, self.topic, wanted):
                    self._load(unread(records.sparkSession, *wanted.first), wanted, TOO_LARGE)
                else:
                    part = as_streamed.pop() if as_streamed else self._part(records, wanted)
                    self._load(part, wanted, refuse_for.reason if refuse_for else None)
            except Exception as error:
                self.trouble = sentence(error)
                raise
            self._busy_since, self.trouble = monotonic(), ""

        self._busy_since = monotonic()
        load_narrowed(load, lambda: self.ledger.undo_pending(self.contract.feed), batch)

    def _part(self, records: DataFrame, wanted: OffsetRange) -> DataFrame:
        return part_of(records.sparkSession, self.settings.kafka_account, self.topic.name, wanted)

    def _load(self, records: DataFrame, wanted: OffsetRange, refuse_for: str | None) -> None:
        """Begins the load, has it loaded and commits it.

        A large one is committed while the next batch is read already, and begins when the one before it is committed:
        the ledger has one pending load of a feed at a time. What then fails ends the query, whose next one loads the
        first batch, as here the first is loaded, step by step.
        """
        began = monotonic()
        is_large = wanted.size >= EARLY_RECORDS or failpoints.is_set("all_loads_are_large")
        is_early = bool(self.loads) and is_large and not refuse_for
        self.topic.check_partitions(wanted.end)
        self._check_trust()
        if is_early:
            load_id, reads = self._read_early(records, wanted)
        else:
            load_id = self._turns.now(partial(self._begin, wanted))
            reads = self._run(records, wanted, load_id, refuse_for)
        # A topic made anew in between, or one that has lost its end, would have given other records at these offsets.
        self.topic.check_uuid()
        self.topic.check_marks(
            {part: self._marks[part] for part in self._marks if wanted.end[part] > wanted.start[part]}
        )
        partitions = partition_reads(reads, wanted.start, wanted.end, self.topic.count)
        commit = partial(self._commit, load_id, load_read(self.contract, reads, partitions), began)
        if is_early:
            self._commit_later(commit)
        else:
            self._turns.now(commit)
        self._marks |= {each.partition: each.last for each in partitions if each.last}

    def _begin(self, wanted: OffsetRange, load_id: int | None = None) -> int:
        feed, uuid, version = self.contract.feed, self.topic.uuid, self.contract.version
        load_id = self.ledger.begin_load(feed, uuid, wanted.start, wanted.end, version, load_id)
        failpoints.at(f"after_pending_{feed}")
        return load_id

    def _read_early(self, records: DataFrame, wanted: OffsetRange) -> tuple[int, list[Row]]:
        """The load, and what its tasks read; they clean its records at once, and write them when it has begun."""
        load_id, is_over = self.ledger.reserve_load(), Event()
        tag = f"load-{load_id}"
        context = records.sparkSession.sparkContext

        def cancel(_error: Exception) -> None:
            """Tasks whose load does not begin would wait for it; their job may not even have started."""
            while not is_over.wait(CANCEL_SECONDS):
                context.cancelJobsWithTag(tag)

        begun = self._turns.later(partial(self._begin, wanted, load_id), cancel)
        context.addJobTag(tag)
        try:
            return load_id, self._run(records, wanted, load_id, begins_later=True)
        finally:
            context.removeJobTag(tag)
            is_over.set()
            begun.result()

    def _run(
        self,
        records: DataFrame,
        wanted: OffsetRange,
        load_id: int,
        refuse_for: str | None = None,
        begins_later: bool = False,
    ) -> list[Row]:
        """What the tasks of the load read."""
        if wanted.size <= ONE_TASK_RECORDS:
            records = records.coalesce(1)
        context = records.sparkSession.sparkContext
        context.setLocalProperty(LOAD_PROPERTY, str(load_id))
        context.setLocalProperty(BEGINS_LATER, "yes" if begins_later else "")
        context.setLocalProperty(REFUSE_FOR, refuse_for or "")
        return self._mapping(records).collect()

    def _check_trust(self) -> None:
        """Where records without a seal end, if nobody could say it when the query started, is said by now."""
        if self._reader.trust.older is None and self.ledger.older_ends(self.topic.uuid) is not None:
            raise Unavailable(f"Records of {self.topic.name} must be sealed from now on; the query starts again.")

    def _commit(self, load_id: int, read: LoadRead, began: float) -> None:
        self.is_committing = True
        try:
            counts = self.ledger.commit_load(load_id, read)
        finally:
            self.is_committing = False
        self.loads += 1
        log.info(describe(self.contract.feed, counts, monotonic() - began))

    def _commit_later(self, commit: Callable[[], None]) -> None:
        def failed(error: Exception) -> None:
            self.failure = self.failure or error

        def work() -> None:
            failpoints.at(f"beside_the_next_load_of_{self.contract.feed}")
            commit()

        self._turns.later(work, failed)

    @cached_property
    def _mapping(self) -> ArrowMapping:
        task = LoadTask(self.settings, self.ledger.app, self.ledger.epoch, self._reader)
        return ArrowMapping(task, COLUMNS, SCHEMA)


def describe(feed: str, counts: LoadCounts, seconds: float) -> str:
    """One line for the journal."""
    parts = f"{counts.loaded} loaded + {counts.updated} updated + {counts.duplicates} duplicates"
    return (
        f"{feed}: load {counts.load_id} read {counts.read} = {parts} + {counts.quarantined} quarantined "
        f"in {seconds:.2f} s ({counts.read / max(seconds, 0.001):.0f} rows/s)"
    )
