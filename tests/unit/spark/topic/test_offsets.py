"""Offsets of a batch out of Spark's own log."""

from pathlib import Path

import pytest

from spark.topic.offsets import all_offsets, batch_offsets


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    (tmp_path / "offsets").mkdir()
    (tmp_path / "sources" / "0").mkdir(parents=True)
    (tmp_path / "sources" / "0" / "0").write_text('0v1\n{"t":{"1":5,"0":3}}')
    (tmp_path / "offsets" / "0").write_text('v1\n{"batchWatermarkMs":0}\n{"t":{"1":9,"0":3}}')
    (tmp_path / "offsets" / "1").write_text('v1\n{"batchWatermarkMs":0}\n{"t":{"2":4,"1":9,"0":8}}')
    return tmp_path


def test_the_first_batch_starts_where_the_source_did(checkpoint: Path) -> None:
    assert batch_offsets(checkpoint, 0, "t") == ({0: 3, 1: 5}, {0: 3, 1: 9})


def test_a_new_partition_starts_at_its_beginning(checkpoint: Path) -> None:
    assert batch_offsets(checkpoint, 1, "t") == ({0: 3, 1: 9, 2: 0}, {0: 8, 1: 9, 2: 4})


def test_every_partition_is_named() -> None:
    assert all_offsets("t", {1: 5, 0: 3}) == '{"t": {"0": 3, "1": 5}}'
