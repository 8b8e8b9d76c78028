"""What a load read of each partition and of each source. A task counts, the driver sums up and compares."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import Row

from millrace.contract.contract import Contract
from millrace.record.mark import Mark, mark_of
from spark.load.row_spool import COUNTS
from spark.rollup.sums import merged_sums
from spark.topic.offsets import Offsets
from sql.ledger.commit import LoadRead
from sql.ledger.counts import SourceRead
from sql.ledger.marks import PartitionRead
from sql.ledger.replace import Replacement
from sql.ledger.rollup import Summed

Visible = Callable[[int, int, int], int]
"""Counts the records that a partition holds between two offsets, by a reading of its own."""
NO_MARK = Mark(-1, "")


class PartitionCounter:
    """Counts the Kafka records of one task as they come by, before anything is made of them."""

    def __init__(self) -> None:
        self._counts: dict[int, int] = {}
        self._last: dict[int, Mark] = {}

    def through(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """The batches as they are; each partition's records stand in the order of their offsets."""
        for batch in batches:
            for partition in batch["partition"].unique().to_pylist():
                self._add(batch, partition)
            yield batch

    def rows(self) -> list[pa.RecordBatch]:
        """A row per partition, as row_spool.COUNTS."""
        rows = [
            {"kafka_partition": partition, "read_count": count, "last_offset": last.offset, "last_digest": last.digest}
            for (partition, count), last in zip(self._counts.items(), self._last.values(), strict=True)
        ]
        return pa.Table.from_pylist(rows, COUNTS).to_batches() if rows else []

    def _add(self, batch: pa.RecordBatch, partition: int) -> None:
        rows = pc.indices_nonzero(pc.equal(batch["partition"], partition))
        self._counts[partition] = self._counts.get(partition, 0) + len(rows)
        last = rows[-1].as_py()
        if not batch["timestamp"][last].is_valid:  # it was not read, see spark.topic.topic_frames.unread
            self._last[partition] = NO_MARK
            return
        at = batch["timestamp"][last].cast(pa.timestamp("ms", "UTC"), safe=False).cast(pa.int64()).as_py()
        self._last[partition] = mark_of(batch["offset"][last].as_py(), at, batch["value"][last].as_py())


def load_read(contract: Contract, rows: list[Row], partitions: list[PartitionRead]) -> LoadRead:
    """All that the tasks have read."""
    return LoadRead(source_reads(rows), replacements(rows), partitions, rollup_sums(contract, rows))


def partition_reads(rows: Iterable[Row], start: Offsets, end: Offsets, visible: Visible) -> list[PartitionRead]:
    """What the tasks read of each partition in which the load goes on.

    Fewer records than offsets may be right: a transaction's marks, aborted, deleted and compacted records leave gaps.
    So the partition is read once more, by a consumer that is not Spark's. Records that went since are no loss.
    """
    counted: dict[int, tuple[int, Mark]] = {}
    for row in rows:
        if row.kafka_partition is not None:
            before, last = counted.get(row.kafka_partition, (0, NO_MARK))
            count = before + row.read_count
            counted[row.kafka_partition] = count, max(last, Mark(row.last_offset, row.last_digest))
    reads = []
    for partition in sorted(part for part in end if end[part] > start[part]):
        read, last_read = counted.get(partition, (0, None))
        size = end[partition] - start[partition]
        there = size if read >= size else max(read, visible(partition, start[partition], end[partition]))
        reads.append(PartitionRead(partition, read, size - there, None if last_read == NO_MARK else last_read))
    return reads


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


def rollup_sums(contract: Contract, reads: Iterable[Row]) -> dict[str, Summed]:
    """What the tasks have summed up for each rollup."""
    found: dict[str, list[Row]] = {}
    for row in reads:
        if row.rollup is not None:
            found.setdefault(row.rollup, []).append(row)
    merged = merged_sums(contract, {name: [row.sums for row in rows] for name, rows in found.items()})
    return {name: Summed(sum(row.read_count for row in found[name]), rows) for name, rows in merged.items()}


def replacements(reads: Iterable[Row]) -> list[Replacement]:
    """The sources that take an older one's place."""
    return [
        Replacement(int(old), row.source_id, row.oldest_sent_at, row.version)
        for row in reads
        for old in (row.replaces or "").split()
    ]


def _times(times: Iterable[datetime | None]) -> Iterable[datetime]:
    return (time for time in times if time is not None)
