"""Where a task keeps its cleaned rows until they are loaded: two files on disk, and its counts."""

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from millrace.contract.contract import Contract
from spark.load.tsv import write_lines
from spark.rollup.sums import RollupSums
from sql.schema.feed_tables import load_target_columns

COUNTS = pa.schema(
    [
        ("source_id", pa.int64()),
        ("origin", pa.string()),
        ("read_count", pa.int64()),
        ("oldest_sent_at", pa.timestamp("us")),
        ("newest_sent_at", pa.timestamp("us")),
        ("ahead_count", pa.int64()),
        ("version", pa.int64()),
        ("replaces", pa.string()),
        ("kafka_partition", pa.int32()),
        ("last_offset", pa.int64()),
        ("last_digest", pa.string()),
        ("rollup", pa.string()),
        ("sums", pa.binary()),
    ]
)
"""What a task gives back. Of the records of a source: how many, when they were sent, how many were ahead, the newest
version, the sources that they replace. Of a partition, where the source is null: how many, and the last of them. Of a
rollup, where both are null: how many records were summed up, and their sums, see spark.rollup.sums."""
SCHEMA = (
    "source_id bigint, origin string, read_count bigint, oldest_sent_at timestamp_ntz, newest_sent_at timestamp_ntz, "
    "ahead_count bigint, version bigint, replaces string, kafka_partition int, last_offset bigint, last_digest string, "
    "rollup string, sums binary"
)
"""COUNTS in Spark's words."""
OF_SOURCE = COUNTS.names[:8]

REJECT_COLUMNS = ("source_id", "row_no", "kafka_partition", "kafka_offset", "raw_hex", "reasons", "sent_at")


def row_columns(contract: Contract) -> tuple[str, ...]:
    """The columns that a file of good rows brings, in the load target's order."""
    return tuple(name for name in load_target_columns(contract) if name != "load_id")


class SpoolFile:
    """Lines waiting for LOAD DATA, and how many."""

    def __init__(self, path: Path, columns: tuple[str, ...]) -> None:
        self.path = path
        self.columns = columns
        self.rows = 0
        self._file = path.open("wb")

    def add(self, batch: pa.RecordBatch) -> None:
        write_lines(batch.select(list(self.columns)), self._file)
        self.rows += batch.num_rows

    def close(self) -> None:
        self._file.close()


class Spool:
    """One task's rows, split into good and refused, and what they add to the rollups of their contract.

    Memory holds one Arrow batch at a time.
    """

    def __init__(self, folder: Path, contract: Contract) -> None:
        self.good = SpoolFile(folder / "rows.tsv", row_columns(contract))
        self.refused = SpoolFile(folder / "refused.tsv", REJECT_COLUMNS)
        self._counts: list[pa.Table] = []
        self._sums = RollupSums(contract)

    def add(self, batch: pa.RecordBatch) -> None:
        """Takes a batch of cleaned rows, see spark.clean.clean_batch."""
        is_good, good = pc.is_null(batch["reasons"]), batch
        if is_good.true_count < batch.num_rows:
            good = batch.filter(is_good)
            self.refused.add(batch.filter(pc.invert(is_good)))
        if good.num_rows:  # where all are refused, nothing of them may have been read
            self.good.add(good)
            self._sums.add(good)
        self._counts.append(_count(batch))

    def close(self) -> None:
        self.good.close()
        self.refused.close()

    @property
    def rows(self) -> int:
        return self.good.rows + self.refused.rows

    def counts(self) -> list[pa.RecordBatch]:
        """Records read per source of the task, and per rollup, as COUNTS; a source may stand more than once."""
        sums = pa.Table.from_pylist(self._sums.rows(), COUNTS)
        return [batch for table in (*self._counts, sums) for batch in table.to_batches()]


def _count(batch: pa.RecordBatch) -> pa.Table:
    # Records that replace are counted apart: a source may have taken the place of several.
    keys = ["source_id", "origin", "replaces"]
    records = pa.Table.from_batches([batch.select([*keys, "sent_at", "is_ahead", "version"])])
    grouped = records.group_by(keys, use_threads=False)
    counted = grouped.aggregate(
        [([], "count_all"), ("sent_at", "min"), ("sent_at", "max"), ("is_ahead", "sum"), ("version", "max")]
    )
    sums = ["count_all", "sent_at_min", "sent_at_max", "is_ahead_sum", "version_max"]
    named = counted.select(["source_id", "origin", *sums, "replaces"]).rename_columns(OF_SOURCE)
    return pa.concat_tables([COUNTS.empty_table(), named], promote_options="permissive").cast(COUNTS)
