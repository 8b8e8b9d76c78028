"""Many small Parquet files → few large ones, batch by batch, and without rows that were replaced."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

ROWS_PER_FILE = 2_000_000
ROWS_PER_GROUP, BYTES_PER_GROUP = 100_000, 32 << 20
"""What becomes one row group: it is held while it is written, and by whoever reads it."""
ROWS_PER_READ = 5_000
"""A file's row group, however large and wide its rows are, is read in pieces."""


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
        with pq.ParquetFile(file, pre_buffer=False, buffer_size=1 << 20) as rows:
            for batch in rows.iter_batches(batch_size=ROWS_PER_READ, use_threads=False):
                yield shape.of(_kept(batch, replaced))


def _kept(batch: pa.RecordBatch, replaced: Mapping[int, int]) -> pa.RecordBatch:
    """Without the rows that a source had up to the load that took them out."""
    if not replaced:
        return batch
    sources = pa.array(replaced, batch["source_id"].type)
    through = pa.array(replaced.values(), batch["load_id"].type)
    of_row = through.take(pc.index_in(batch["source_id"], value_set=sources))
    return batch.filter(pc.fill_null(pc.greater(batch["load_id"], of_row), fill_value=True))


def _groups(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    """The batches joined to row groups, none of them empty."""
    held: list[pa.RecordBatch] = []
    rows = size = 0
    for batch in batches:
        if not batch.num_rows:
            continue
        held.append(batch)
        rows, size = rows + batch.num_rows, size + batch.nbytes
        if rows >= ROWS_PER_GROUP or size >= BYTES_PER_GROUP:
            yield pa.Table.from_batches(held)
            held, rows, size = [], 0, 0
    if held:
        yield pa.Table.from_batches(held)


def _write(batches: Iterable[pa.RecordBatch], schema: pa.Schema, folder: Path) -> int:
    total = in_file = number = 0
    writer: pq.ParquetWriter | None = None
    for group in _groups(batches):
        if writer is None or in_file >= ROWS_PER_FILE:
            if writer is not None:
                writer.close()
            number, in_file = number + 1, 0
            writer = pq.ParquetWriter(folder / f"compacted-{number:04d}.parquet", schema, compression="zstd")
        writer.write_table(group)
        in_file += group.num_rows
        total += group.num_rows
    if writer is not None:
        writer.close()
    return total
