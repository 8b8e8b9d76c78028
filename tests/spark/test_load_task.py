"""Spark hands a topic's records to the task as Arrow batches, and gets its counts back."""

import json
from datetime import datetime
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from millrace.contract.contract import load_contract
from millrace.record.identity import console_source
from millrace.settings import Settings
from spark.decode.record_fields import Reader
from spark.jvm import ArrowMapping
from spark.load.load_task import LOAD_PROPERTY, LoadTask
from spark.load.row_spool import SCHEMA, Spool
from spark.topic.feed_topic import COLUMNS
from tests.spark.kafka import kafka_frame
from tests.unit.spark.records import OLDER, SOURCE, TOPIC_UUID, event, sample

FEED = "insurance_rate"


class KeepingTask(LoadTask):
    """Keeps the files instead of loading them; `app` is the folder."""

    def store(self, load_id: int, spool: Spool) -> None:
        assert load_id == 7
        for file in (spool.good, spool.refused):
            (Path(self.app) / file.path.name).write_bytes(file.path.read_bytes())


def test_a_whole_contract_goes_through_spark(spark: SparkSession, tmp_path: Path) -> None:
    contract = load_contract(FEED)
    records = sample(contract)
    bad = event(contract, records[0] | {"StateCode": "Alaska"}, 99)
    values = [*(event(contract, record, number) for number, record in enumerate(records, 1)), bad, None]
    task = KeepingTask(Settings(), str(tmp_path), 1, Reader(contract, TOPIC_UUID, 2, OLDER))
    spark.sparkContext.setLocalProperty(LOAD_PROPERTY, "7")
    counts = ArrowMapping(task, COLUMNS, SCHEMA)(kafka_frame(spark, values).coalesce(1)).collect()
    sent = datetime(2026, 11, 22, 17, 5, 47, 123000)
    of_sources = [row for row in counts if row.source_id is not None]
    assert sorted((row.source_id, row.origin, row.read_count, row.oldest_sent_at) for row in of_sources) == sorted(
        [
            (SOURCE, "file", len(records) + 1, sent),
            (console_source(TOPIC_UUID, 0), "console", 1, datetime(2026, 11, 22, 18, 0, 0, 987000)),
        ]
    )
    (of_partition,) = (row for row in counts if row.kafka_partition is not None)
    assert (of_partition.kafka_partition, of_partition.read_count) == (0, len(values))
    assert of_partition.last_offset == len(values) - 1
    of_rollups = {row.rollup: row.read_count for row in counts if row.rollup is not None}
    assert of_rollups == {rollup.name: len(records) for rollup in contract.rollups}
    lines = (tmp_path / "rows.tsv").read_text().splitlines()
    assert [line.split("\t")[1] for line in lines] == [str(number) for number in range(1, len(records) + 1)]
    refused = [line.split("\t") for line in (tmp_path / "refused.tsv").read_text().splitlines()]
    assert bytes.fromhex(refused[0][4]) == bad
    assert json.loads(refused[0][5]) == [
        {"column": "state_code", "value": "Alaska", "reason": "is longer than 2 characters"}
    ]
    assert json.loads(refused[1][5]) == [{"column": None, "value": None, "reason": "the record is empty"}]


@pytest.mark.parametrize("feed", ["insurance_plan"])
def test_nothing_is_stored_where_there_is_nothing(spark: SparkSession, feed: str) -> None:
    task = LoadTask(Settings(), "app", 1, Reader(load_contract(feed), TOPIC_UUID, 2, OLDER))
    spark.sparkContext.setLocalProperty(LOAD_PROPERTY, "7")
    assert ArrowMapping(task, COLUMNS, SCHEMA)(kafka_frame(spark, [])).collect() == []
