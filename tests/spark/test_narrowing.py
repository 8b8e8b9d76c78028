"""A micro-batch with a record that makes every load of it fail: the others are loaded, that one is refused."""

import json
from pathlib import Path

from pyspark.sql import SparkSession

from tests.spark.kafka import kafka_frame
from tests.spark.memory_ledger import CONTRACT, POISON, loader_in
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
