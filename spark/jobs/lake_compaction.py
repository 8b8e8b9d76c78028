"""Many small Parquet files → few large ones, batch by batch, and without rows that were replaced."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

ROWS_PER_FILE = 2_000_000
ROWS_PER_GROUP = 100_000
SPARING: dict[str, Any] = {
    "batch_readahead": 0,
    "fragment_readahead": 0,
    "use_threads": False,
    "fragment_scan_options": ds.ParquetFragmentScanOptions(use_buffered_stream=True, pre_buffer=False),
}
"""One file after the other: five million rates take 0.3 GB and not 0.9, and no longer."""


@dataclass(frozen=True)
class Shape:
    """The columns that files shall have; `former`: the name that a renamed one had in older files → its name now."""

    schema: pa.Schema
    former: Mapping[str, str] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        return sha256(str(self.schema).encode()).hexdigest()[:12]

    def fits(self, file: Path) -> bool:
        """Whether the file has these columns."""
        return bool(pq.read_schema(file).remove_metadata().equals(self.schema))

    def of(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """A batch of an older contract: wider types hold its values, columns that it lacks are NULL."""
        names = {new: old for old, new in self.former.items() if old in batch.schema.names}
        return pa.record_batch([self._column(batch, each, names) for each in self.schema], schema=self.schema)

    def _column(self, batch: pa.RecordBatch, wanted: pa.Field, names: Mapping[str, str]) -> pa.Array:
        name = wanted.name if wanted.name in batch.schema.names else names.get(wanted.name)
        return pa.nulls(batch.num_rows, wanted.type) if name is None else batch[name].cast(wanted.type)


def compact(files: Sequence[Path], folder: Path, replaced: Mapping[int, int], shape: Shape) -> int:
    """Writes the rows of the files into `folder`, in few files of that shape; how many there are.

    `replaced`: source → load that took its rows out; older rows of that source are left behind.
    """
    return _write(_batches(files, replaced, shape), shape.schema, folder)


def count_rows(files: Iterable[Path]) -> int:
    """Rows by the files' own account."""
    return sum(pq.read_metadata(file).num_rows for file in files)


def _batches(files: Sequence[Path], replaced: Mapping[int, int], shape: Shape) -> Iterator[pa.RecordBatch]:
    for file in files:
        rows = ds.dataset(str(file), format="parquet")
        for batch in rows.to_batches(batch_size=ROWS_PER_GROUP, filter=_kept(replaced), **SPARING):
            yield shape.of(batch)


def _kept(replaced: Mapping[int, int]) -> pc.Expression | None:
    gone = None
    for source, load in replaced.items():
        one = (pc.field("source_id") == source) & (pc.field("load_id") <= load)
        gone = one if gone is None else gone | one
    return None if gone is None else ~gone


def _write(batches: Iterable[pa.RecordBatch], schema: pa.Schema, folder: Path) -> int:
    total = in_file = number = 0
    writer: pq.ParquetWriter | None = None
    for batch in batches:
        if not batch.num_rows:
            continue
        if writer is None or in_file >= ROWS_PER_FILE:
            if writer is not None:
                writer.close()
            number, in_file = number + 1, 0
            writer = pq.ParquetWriter(folder / f"compacted-{number:04d}.parquet", schema, compression="zstd")
        writer.write_batch(batch)
        in_file += batch.num_rows
        total += batch.num_rows
    if writer is not None:
        writer.close()
    return total
