"""One micro-batch of a feed: begin the load, let the executors load it, commit it."""

import logging
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cached_property
from pathlib import Path
from threading import Lock
from time import monotonic

from pyspark.sql import DataFrame, Row

from millrace import failpoints
from millrace.record.mark import Mark
from millrace.settings import Settings
from spark.decode.record_fields import Reader
from spark.load.error_summary import sentence
from spark.load.load_task import LOAD, REFUSE_FOR, LoadTask
from spark.load.map_in_arrow import ArrowMapping
from spark.load.narrowing import load_narrowed
from spark.load.partition_reads import partition_reads
from spark.load.row_spool import SCHEMA
from spark.topic.feed_topic import COLUMNS, FeedTopic, Unavailable
from spark.topic.offset_range import OffsetRange
from spark.topic.offsets import batch_offsets
from sql.ledger.counts import LoadCounts, SourceRead
from sql.ledger.ledger import Ledger
from sql.ledger.marks import PartitionRead
from sql.ledger.replace import Replacement

log = logging.getLogger(__name__)

CLOSE_SECONDS = 10
ONE_TASK_RECORDS = 2_000
"""Up to so many, one task for all partitions costs less than one for each."""


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
            self.failure = error
            raise
        finally:
            self._busy_since, self.records, self.trouble = None, 0, ""

    def close(self) -> None:
        """Waits some time for the running load to end, and begins no other."""
        ended = self._busy.acquire(timeout=CLOSE_SECONDS)
        self._is_closed = True
        if ended:
            self._busy.release()

    @property
    def is_busy(self) -> bool:
        """Whether a batch is under way; one may be even after `close`."""
        return self._busy.locked()

    @property
    def busy_seconds(self) -> float:
        """How long a batch has been under way without having committed anything."""
        since = self._busy_since
        return 0 if since is None else monotonic() - since

    def _check_open(self) -> None:
        if self._is_closed:
            raise Closed(self.contract.feed)

    def _load_all(self, records: DataFrame, batch: OffsetRange) -> None:
        def load(wanted: OffsetRange, refuse_for: str | None = None) -> None:
            self._check_open()
            self.records = wanted.size
            try:
                self._load(records if wanted == batch else wanted.of(records), wanted, refuse_for)
            except Exception as error:
                self.trouble = sentence(error)
                raise
            self._busy_since, self.trouble = monotonic(), ""

        self._busy_since = monotonic()
        load_narrowed(load, lambda: self.ledger.undo_pending(self.contract.feed), batch)

    def _load(self, records: DataFrame, wanted: OffsetRange, refuse_for: str | None) -> None:
        began = monotonic()
        self.topic.check_partitions(wanted.end)
        self._check_trust()
        feed, uuid = self.contract.feed, self.topic.uuid
        load_id = self.ledger.begin_load(feed, uuid, wanted.start, wanted.end, self.contract.version)
        failpoints.at(f"after_pending_{feed}")
        if wanted.size <= ONE_TASK_RECORDS:
            records = records.coalesce(1)
        context = records.sparkSession.sparkContext
        context.setLocalProperty(LOAD, str(load_id))
        context.setLocalProperty(REFUSE_FOR, refuse_for or "")
        reads = self._mapping(records).collect()
        # A topic made anew in between, or one that has lost its end, would have given other records at these offsets.
        self.topic.check_uuid()
        self.topic.check_marks(
            {part: self._marks[part] for part in self._marks if wanted.end[part] > wanted.start[part]}
        )
        partitions = partition_reads(reads, wanted.start, wanted.end, self.topic.count)
        counts = self._commit(load_id, reads, partitions)
        self._marks |= {each.partition: each.last for each in partitions if each.last}
        self.loads += 1
        log.info(describe(feed, counts, monotonic() - began))

    def _check_trust(self) -> None:
        """Where records without a seal end, if nobody could say it when the query started, is said by now."""
        if self._reader.trust.older is None and self.ledger.older_ends(self.topic.uuid) is not None:
            raise Unavailable(f"Records of {self.topic.name} must be sealed from now on; the query starts again.")

    def _commit(self, load_id: int, reads: list[Row], partitions: list[PartitionRead]) -> LoadCounts:
        self.is_committing = True
        try:
            return self.ledger.commit_load(load_id, source_reads(reads), replacements(reads), partitions)
        finally:
            self.is_committing = False

    @cached_property
    def _mapping(self) -> ArrowMapping:
        task = LoadTask(self.settings, self.ledger.app, self.ledger.epoch, self._reader)
        return ArrowMapping(task, COLUMNS, SCHEMA)


def source_reads(reads: Iterable[Row]) -> list[SourceRead]:
    """The tasks' counts, summed up per source."""
    found: dict[int, list[Row]] = {}
    for row in reads:
        if row.source_id is not None:
            found.setdefault(row.source_id, []).append(row)
    return [
        SourceRead(
            source,
            sum(row.read_count for row in rows),
            min(_times(row.oldest_sent_at for row in rows), default=None),
            max(_times(row.newest_sent_at for row in rows), default=None),
            rows[0].origin,
            max((row.version for row in rows if row.version is not None), default=None),
            sum(row.ahead_count for row in rows),
        )
        for source, rows in sorted(found.items())
    ]


def replacements(reads: Iterable[Row]) -> list[Replacement]:
    """The sources that take an older one's place."""
    return [
        Replacement(row.replaces, row.source_id, row.oldest_sent_at, row.version)
        for row in reads
        if row.replaces is not None
    ]


def describe(feed: str, counts: LoadCounts, seconds: float) -> str:
    """One line for the journal."""
    parts = f"{counts.loaded} loaded + {counts.updated} updated + {counts.duplicates} duplicates"
    return (
        f"{feed}: load {counts.load_id} read {counts.read} = {parts} + {counts.quarantined} quarantined "
        f"in {seconds:.2f} s ({counts.read / max(seconds, 0.001):.0f} rows/s)"
    )


def _times(times: Iterable[datetime | None]) -> Iterable[datetime]:
    return (time for time in times if time is not None)
