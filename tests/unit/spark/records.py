"""Kafka records, their events and rows, without a broker and without Spark."""

import csv
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
from pydantic import SecretStr

from millrace.contract.contract import Contract
from millrace.feed_names import FOLDER
from millrace.record.event import encode_event
from millrace.record.seal import Seal, Trust
from producer.files.csv_file import CsvFile
from spark.clean.clean_batch import clean
from spark.decode.events import decode
from spark.decode.record_fields import Reader

TOPIC_UUID = "AAAAAAAAAAAAAAAAAAAAAA"
SENT_AT = "2026-11-22T17:05:47.123Z"
SOURCE = 4711
ARRIVED = datetime(2026, 11, 22, 18, 0, 0, 987654, UTC)

SEAL = Seal(SecretStr("the key of the tests"))
OLDER = Trust(SEAL, None)
"""Every record is of a release that did not seal: most tests are not about who has written it."""

Row = SimpleNamespace


def kafka_records(values: Sequence[bytes | None], partition: int = 0) -> pa.RecordBatch:
    """What the Kafka source would give for these values, from offset 0."""
    count = len(values)
    return pa.record_batch(
        {
            "value": pa.array(values, pa.binary()),
            "partition": pa.array([partition] * count, pa.int32()),
            "offset": pa.array(range(count), pa.int64()),
            "timestamp": pa.array([ARRIVED] * count, pa.timestamp("us", "UTC")),
        }
    )


def decoded(
    contract: Contract, values: Sequence[bytes | None], partition: int = 0, trust: Trust = OLDER
) -> pa.RecordBatch:
    """The values' events."""
    return decode(kafka_records(values, partition), Reader(contract, TOPIC_UUID, 2, trust))


def events(contract: Contract, values: Sequence[bytes | None], partition: int = 0, trust: Trust = OLDER) -> list[Row]:
    """The decoded events; of their texts those that are there."""
    found = [Row(**row) for row in decoded(contract, values, partition, trust).to_pylist()]
    for row in found:
        row.data = {header: text for header, text in row.data.items() if text is not None}
    return found


def cleaned(contract: Contract, values: Sequence[bytes | None], trust: Trust = OLDER) -> pa.RecordBatch:
    """The values' cleaned rows, as the engine hands them on."""
    return clean(decoded(contract, values, trust=trust), contract)


def rows(contract: Contract, values: Sequence[bytes | None]) -> list[Row]:
    """The cleaned rows."""
    return [Row(**row) for row in cleaned(contract, values).to_pylist()]


def event(contract: Contract, data: dict[str, str], row: int = 1, **more: Any) -> bytes:
    """One event of SOURCE."""
    return encode_event(contract.feed, SOURCE, row, SENT_AT, data=data, **more)


def sample(contract: Contract) -> list[dict[str, str]]:
    """The records of the feed's own sample."""
    file = CsvFile(contract, FOLDER / contract.feed / "sample.csv", "sample.csv")
    return [file.texts(record) for record in file.records()]


def read_csv(path: Path) -> list[dict[str, str]]:
    """A file's records by header."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def reasons(row: Row) -> list[tuple[str | None, str]]:
    """(column, reason) of every reason of a cleaned row; none for a good one."""
    return [(item["column"], item["reason"]) for item in json.loads(row.reasons or "[]")]
