"""Days of any size are compacted in little memory, and no row is lost on the way."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from spark.jobs.lake_compaction import BYTES_PER_GROUP, ROWS_PER_GROUP, Shape, compact

WIDE = 1_000
SCHEMA = pa.schema([("source_id", pa.int64()), ("load_id", pa.int64()), ("text", pa.string())])


def day(folder: Path, rows: int, width: int) -> Path:
    """A file with all rows in one row group, as an export writes it; three sources, ten loads."""
    columns = [
        pa.array([number % 3 for number in range(rows)], pa.int64()),
        pa.array([number % 10 for number in range(rows)], pa.int64()),
        pa.array([f"{number:0{width}d}" for number in range(rows)]),
    ]
    file = folder / "loads-0.parquet"
    pq.write_table(pa.table(columns, schema=SCHEMA), file, row_group_size=rows, use_dictionary=False)
    return file


@pytest.fixture
def pool() -> Iterator[pa.MemoryPool]:
    """What Arrow takes from now on."""
    before = pa.default_memory_pool()
    counted = pa.proxy_memory_pool(before)
    pa.set_memory_pool(counted)
    yield counted
    pa.set_memory_pool(before)


def groups(folder: Path) -> list[tuple[int, int]]:
    """Rows and bytes of every row group that was written."""
    found = [pq.read_metadata(file) for file in sorted(folder.glob("compacted-*.parquet"))]
    every = [meta.row_group(number) for meta in found for number in range(meta.num_row_groups)]
    return [(group.num_rows, group.total_byte_size) for group in every]


@pytest.mark.bulk
def test_a_day_of_wide_rows_is_never_held_whole(tmp_path: Path, pool: pa.MemoryPool) -> None:
    file, out = day(tmp_path, 150_000, WIDE), tmp_path / "out"
    out.mkdir()
    held = pool.max_memory()
    assert held > 150_000 * WIDE
    pa.set_memory_pool(fresh := pa.proxy_memory_pool(pool))
    assert compact([file], out, {}, Shape(SCHEMA)) == 150_000
    assert fresh.max_memory() < 3 * BYTES_PER_GROUP
    assert max(size for _, size in groups(out)) < 2 * BYTES_PER_GROUP
    assert pq.read_table(out)["text"].to_pylist() == [f"{number:0{WIDE}d}" for number in range(150_000)]


def test_narrow_rows_make_large_groups(tmp_path: Path) -> None:
    file, out = day(tmp_path, 250_000, 5), tmp_path / "out"
    out.mkdir()
    compact([file], out, {}, Shape(SCHEMA))
    assert [rows for rows, _ in groups(out)] == [ROWS_PER_GROUP, ROWS_PER_GROUP, 50_000]


def test_rows_of_replaced_sources_stay_behind(tmp_path: Path) -> None:
    file, out = day(tmp_path, 6_000, 5), tmp_path / "out"
    out.mkdir()
    compact([file], out, {1: 4, 2: 9, 7: 100}, Shape(SCHEMA))
    wanted = [number for number in range(6_000) if number % 3 == 0 or (number % 3 == 1 and number % 10 > 4)]
    assert [int(text) for text in pq.read_table(out)["text"].to_pylist()] == wanted


def test_a_day_of_which_nothing_is_left_has_no_file(tmp_path: Path) -> None:
    file, out = day(tmp_path, 30, 5), tmp_path / "out"
    out.mkdir()
    assert compact([file], out, {0: 9, 1: 9, 2: 9}, Shape(SCHEMA)) == 0
    assert list(out.iterdir()) == []
