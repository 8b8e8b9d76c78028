"""Kafka records, their events and rows, without a broker."""

import csv
import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame, Row, SparkSession

from feeds.contract import FOLDER, Contract
from feeds.event import encode_event
from spark.clean import clean
from spark.event import decode

TOPIC_UUID = "AAAAAAAAAAAAAAAAAAAAAA"
SENT_AT = "2026-11-22T17:05:47.123Z"
SOURCE = 4711
ARRIVED = datetime(2026, 11, 22, 18, 0, 0, 987654)
KAFKA = "value binary, partition int, offset bigint, timestamp timestamp"


def kafka_records(spark: SparkSession, values: Sequence[bytes | None], partition: int = 0) -> DataFrame:
    """What the Kafka source would give for these values, from offset 0."""
    rows = [(value, partition, offset, ARRIVED) for offset, value in enumerate(values)]
    return spark.createDataFrame(rows, KAFKA)


def events(spark: SparkSession, contract: Contract, values: Sequence[bytes | None], partition: int = 0) -> list[Row]:
    """The decoded events, in the order of their offsets."""
    found = decode(kafka_records(spark, values, partition), contract, TOPIC_UUID, 2)
    return found.orderBy("kafka_offset").collect()


def rows(spark: SparkSession, contract: Contract, values: Sequence[bytes | None]) -> list[Row]:
    """The cleaned rows, in the order of their offsets."""
    found = clean(decode(kafka_records(spark, values), contract, TOPIC_UUID, 2), contract)
    return found.orderBy("kafka_offset").collect()


def event(contract: Contract, data: dict[str, str], row: int = 1, **more: Any) -> bytes:
    """One event of SOURCE."""
    return encode_event(contract.feed, SOURCE, row, SENT_AT, data=data, **more)


def sample(contract: Contract) -> list[dict[str, str]]:
    """The records of the feed's own sample."""
    return read_csv(FOLDER / contract.feed / "sample.csv")


def read_csv(path: Path) -> list[dict[str, str]]:
    """A file's records by header."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def reasons(row: Row) -> list[tuple[str | None, str]]:
    """(column, reason) of every reason of a cleaned row; none for a good one."""
    return [(item["column"], item["reason"]) for item in json.loads(row.reasons or "[]")]
