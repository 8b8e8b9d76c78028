"""Offsets of a batch out of Spark's own log, and where a feed goes on."""

from pathlib import Path

import pytest

from millrace.errors import Refused
from spark.load.offsets import batch_offsets, first_offsets, starting_offsets


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
    assert starting_offsets("t", {1: 5, 0: 3}) == '{"t": {"0": 3, "1": 5}}'


@pytest.mark.parametrize(
    ("committed", "earliest", "latest", "expected"),
    [
        ({}, {0: 0, 1: 0}, {0: 9, 1: 0}, {0: 0, 1: 0}),
        ({}, {0: 4}, {0: 9}, {0: 4}),
        ({0: 9}, {0: 0, 1: 0}, {0: 9, 1: 3}, {0: 9, 1: 0}),
        ({0: 5}, {0: 5}, {0: 9}, {0: 5}),
    ],
)
def test_goes_on_behind_the_committed_records(
    committed: dict[int, int], earliest: dict[int, int], latest: dict[int, int], expected: dict[int, int]
) -> None:
    assert first_offsets("t", committed, earliest, latest) == expected


def test_records_dropped_before_they_were_loaded_stop_the_feed() -> None:
    with pytest.raises(Refused) as caught:
        first_offsets("t", {0: 5}, {0: 8}, {0: 20})
    assert str(caught.value) == (
        "Topic t has dropped records 5 to 7 of partition 0 before they were loaded; "
        "start over with `make reset FEED=t`."
    )


@pytest.mark.parametrize("latest", [{0: 4}, {1: 9}])
def test_a_topic_that_ends_too_early_stops_the_feed(latest: dict[int, int]) -> None:
    with pytest.raises(Refused, match="ends before offset 5 of partition 0, which was loaded already"):
        first_offsets("t", {0: 5}, dict.fromkeys(latest, 0), latest)
