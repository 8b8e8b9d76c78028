"""Large loads: the next one is read and cleaned while the one before it is being committed, and no more."""

from pathlib import Path
from threading import Event, Thread

import pytest
from pyspark.sql import DataFrame, SparkSession

from spark.load import micro_batch
from spark.load.turns import TurnLost
from tests.spark.kafka import kafka_frame
from tests.spark.memory_ledger import CONTRACT, POISON, SECONDS, FileLoader, loader_in, wait_until
from tests.unit.spark.records import event, sample

ENDS = (3, 6, 9, 12)


class Refusing(Exception):  # noqa: N818
    """What this ledger's commits may fail with."""


@pytest.fixture(autouse=True)
def all_are_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(micro_batch, "EARLY_RECORDS", 1)


def frames(spark: SparkSession, poison: int = 0) -> list[DataFrame]:
    """The records of each batch, as Kafka would give them."""
    good = sample(CONTRACT)[0]
    values = [
        event(CONTRACT, good | ({"NetworkName": POISON} if row == poison else {}), row)
        for row in range(1, ENDS[-1] + 1)
    ]
    topic = kafka_frame(spark, values)
    return [topic.where(f"offset >= {end - 3} AND offset < {end}") for end in ENDS]


def rows(kept: Path) -> list[int]:
    lines = [line for file in kept.glob("*-rows.tsv") for line in file.read_text().splitlines()]
    return sorted(int(line.split("\t")[1]) for line in lines)


def test_a_load_is_cleaned_while_the_one_before_is_committed(spark: SparkSession, tmp_path: Path) -> None:
    loader, ledger = loader_in(tmp_path, *ENDS)
    kept, batches = tmp_path / "kept", frames(spark)

    def committing(number: int) -> None:
        """Of the second, while the third is read."""
        if number == 2:
            wait_until((kept / "3-cleaned").exists)
            assert not (kept / "3-begun").exists()

    ledger.committing = committing
    for number, batch in enumerate(batches):
        loader(batch, number)
    loader.close()
    assert (ledger.committed, rows(kept)) == ([1, 2, 3, 4], list(range(1, 13)))
    assert (loader.loads, loader.batches, loader.failure, loader.is_busy) == (4, 4, None, False)


def test_a_batch_that_is_over_is_busy_until_it_is_committed(spark: SparkSession, tmp_path: Path) -> None:
    loader, ledger = loader_in(tmp_path, *ENDS)
    go = Event()
    ledger.committing = lambda number: None if number == 1 else _hold(go)
    for number, batch in enumerate(frames(spark)[:2]):
        loader(batch, number)
    assert (loader.loads, loader.is_busy) == (1, True)
    Thread(target=go.set).start()
    loader.close()
    assert (loader.loads, loader.is_busy) == (2, False)


def test_after_a_commit_that_failed_nothing_is_loaded(spark: SparkSession, tmp_path: Path) -> None:
    """Nor does anybody wait: the job whose load does not begin is ended."""
    loader, ledger = loader_in(tmp_path, *ENDS)
    kept, batches = tmp_path / "kept", frames(spark)

    def committing(number: int) -> None:
        if number == 2:
            wait_until((kept / "3-cleaned").exists)
            raise Refusing

    ledger.committing = committing
    loader(batches[0], 0)
    loader(batches[1], 1)
    with pytest.raises(TurnLost):
        loader(batches[2], 2)
    with pytest.raises(TurnLost):
        loader(batches[3], 3)
    assert isinstance(loader.failure, Refusing)
    assert (ledger.committed, loader.loads) == ([1], 1)
    assert rows(kept) == list(range(1, 7)), "the third was cleaned, and never written"


def test_a_poisonous_record_is_found_beside_a_commit(spark: SparkSession, tmp_path: Path) -> None:
    loader, ledger = loader_in(tmp_path, *ENDS)
    for number, batch in enumerate(frames(spark, poison=8)):
        loader(batch, number)
    loader.close()
    assert rows(tmp_path / "kept") == [1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12]
    assert [ledger.ranges[number] for number in ledger.committed][2:] == [
        ({0: 6}, {0: 7}),
        ({0: 7}, {0: 8}),
        ({0: 8}, {0: 9}),
        ({0: 9}, {0: 12}),
    ]
    assert loader.failure is None


def _hold(go: Event) -> None:
    assert go.wait(SECONDS)


def test_the_first_load_is_committed_before_its_batch_is_over(spark: SparkSession, tmp_path: Path) -> None:
    """So that what cannot be loaded is found, record by record, by the run after the one that it ended."""
    loader, _ledger = loader_in(tmp_path, *ENDS)
    assert isinstance(loader, FileLoader)
    loader(frames(spark)[0], 0)
    assert (loader.loads, loader.is_busy) == (1, False)
