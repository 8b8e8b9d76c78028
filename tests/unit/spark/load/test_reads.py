"""Fewer records than offsets are gaps, or a loss: another reading of the partition tells which."""

import pyarrow as pa
from pyspark.sql import Row

from millrace.record.mark import mark_of
from spark.load.reads import PartitionCounter, partition_reads
from spark.load.row_spool import COUNTS
from sql.ledger.marks import PartitionRead
from tests.unit.spark.records import ARRIVED, kafka_records

ARRIVED_MS = int(ARRIVED.timestamp() * 1000)


def read_of(partition: int, count: int, last: int) -> Row:
    return Row(source_id=None, kafka_partition=partition, read_count=count, last_offset=last, last_digest=f"{last:x}")


def reads(rows: list[Row], start: dict[int, int], end: dict[int, int], there: int = 0) -> list[tuple[int, int, int]]:
    return [(each.partition, each.read, each.gaps) for each in partition_reads(rows, start, end, lambda *_: there)]


def test_a_task_counts_each_partition_and_knows_its_last_record() -> None:
    counter = PartitionCounter()
    batches = [kafka_records([b"a", b"b"]), kafka_records([b"c", None], partition=1), kafka_records([b"d"] * 3)]
    assert list(counter.through(batches)) == batches
    rows = pa.Table.from_batches(counter.rows(), COUNTS).to_pylist()
    assert [(row["source_id"], row["kafka_partition"], row["read_count"]) for row in rows] == [
        (None, 0, 5),
        (None, 1, 2),
    ]
    assert [(row["last_offset"], row["last_digest"]) for row in rows] == [
        mark_of(2, ARRIVED_MS, b"d"),
        mark_of(1, ARRIVED_MS, None),
    ]


def test_a_record_that_was_not_read_counts_and_leaves_no_mark() -> None:
    counter, batch = PartitionCounter(), kafka_records([None])
    unread = batch.set_column(3, "timestamp", pa.nulls(1, batch["timestamp"].type))
    assert list(counter.through([unread])) == [unread]
    rows = [Row(**row) for row in pa.Table.from_batches(counter.rows(), COUNTS).to_pylist()]
    assert partition_reads(rows, {0: 0}, {0: 1}, lambda *_: 0) == [PartitionRead(0, 1, 0, None)]


def test_the_same_bytes_typed_later_are_another_record() -> None:
    assert mark_of(7, ARRIVED_MS, b"a") != mark_of(7, ARRIVED_MS + 1, b"a")


def test_where_every_offset_held_a_record_nothing_is_read_again() -> None:
    asked: list[object] = []
    found = partition_reads([read_of(0, 5, 9), read_of(0, 2, 4)], {0: 3, 1: 8}, {0: 10, 1: 8}, lambda *_: len(asked))
    assert found == [PartitionRead(0, 7, 0, (9, "9"))]


def test_offsets_without_a_record_are_gaps() -> None:
    assert reads([read_of(0, 5, 8)], {0: 3}, {0: 10}, there=5) == [(0, 5, 2)]
    assert reads([], {0: 3}, {0: 10}, there=0) == [(0, 0, 7)]


def test_a_record_that_is_there_and_was_not_read_does_not_add_up() -> None:
    assert reads([read_of(0, 5, 8)], {0: 3}, {0: 10}, there=6) == [(0, 5, 1)]


def test_records_that_were_deleted_after_they_were_read_are_no_loss() -> None:
    assert reads([read_of(0, 5, 8)], {0: 3}, {0: 10}, there=1) == [(0, 5, 2)]
