"""A micro-batch with a record that makes every load of it fail: the others are loaded, that one is refused."""

import json
from pathlib import Path

from pyspark.sql import SparkSession

from spark.load.blame import TOO_LARGE
from tests.spark.kafka import kafka_frame
from tests.spark.memory_ledger import CONTRACT, POISON, WHALE, loader_in
from tests.unit.spark.records import event, sample


def test_all_but_the_poisonous_record_are_loaded(spark: SparkSession, tmp_path: Path) -> None:
    good = sample(CONTRACT)[0]
    values = [event(CONTRACT, good | ({"NetworkName": POISON} if row == 6 else {}), row) for row in range(1, 11)]
    loader, ledger = loader_in(tmp_path, 10)
    loader(kafka_frame(spark, values), 0)

    kept = tmp_path / "kept"
    rows = [line.split("\t") for file in sorted(kept.glob("*-rows.tsv")) for line in file.read_text().splitlines()]
    refused = [line.split("\t") for file in kept.glob("*-refused.tsv") for line in file.read_text().splitlines()]
    assert sorted(int(row[1]) for row in rows) == [1, 2, 3, 4, 5, 7, 8, 9, 10]
    assert [(row[1], json.loads(row[5])) for row in refused] == [
        ("6", [{"column": None, "value": None, "reason": "1 rows were written, and the server reports less"}])
    ]
    assert [ledger.ranges[number] for number in ledger.committed] == [
        ({0: 0}, {0: 5}),
        ({0: 5}, {0: 6}),
        ({0: 6}, {0: 7}),
        ({0: 7}, {0: 10}),
    ]
    assert (loader.loads, loader.batches, loader.failure) == (4, 1, None)


def test_a_record_that_memory_cannot_hold_is_refused_unread(spark: SparkSession, tmp_path: Path) -> None:
    good = sample(CONTRACT)[0]
    values = [event(CONTRACT, good | ({"NetworkName": WHALE} if row == 2 else {}), row) for row in range(1, 4)]
    loader, ledger = loader_in(tmp_path, 3)
    loader.topic.too_large = (1,)
    loader(kafka_frame(spark, values), 0)

    refused = [line.split("\t") for file in (tmp_path / "kept").glob("*-refused.tsv") for line in file.open()]
    ((_, row_no, partition, offset, raw, reasons, sent_at),) = refused
    assert (row_no, partition, offset, raw, sent_at.strip()) == ("1", "0", "1", "", r"\N")
    assert json.loads(reasons) == [{"column": None, "value": None, "reason": TOO_LARGE}]
    assert (loader.loads, loader.failure, len(ledger.committed)) == (3, None, 3)
