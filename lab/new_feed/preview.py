"""The file's first records as they would be stored, beside their raw texts."""

from dataclasses import dataclass
from datetime import UTC, datetime
from secrets import token_hex
from typing import Any

import orjson
import pyarrow as pa
from pydantic import SecretStr

from lab.new_feed.infer.csv_inspection import Inspection
from lab.new_feed.infer.type_inference import shown
from millrace.contract.contract import Contract
from millrace.record.event import encode_event
from millrace.record.seal import Seal, Trust
from spark.clean.clean_batch import clean
from spark.decode.events import decode
from spark.decode.record_fields import Reader

WIDTH = 24
NOBODYS_TOPIC = "AAAAAAAAAAAAAAAAAAAAAA"


@dataclass(frozen=True)
class Preview:
    """Per column a line: its name, its type, and per record `raw → stored`, or the raw text where that is the same."""

    records: int
    lines: tuple[tuple[str, ...], ...]


def preview(contract: Contract, inspected: Inspection) -> Preview:
    """The first records, cleaned by the code that cleans them in Spark."""
    headers = list(inspected.texts)
    raw = [dict(zip(headers, _fields(inspected, record.fields or []), strict=True)) for record in inspected.first]
    rows = _stored(contract, raw)
    lines = [
        (
            column.name,
            column.type,
            *(_cell(texts[column.from_], column.name, row) for texts, row in zip(raw, rows, strict=True)),
        )
        for column in contract.columns
    ]
    return Preview(len(raw), tuple(lines))


def _fields(inspected: Inspection, fields: list[str]) -> list[str]:
    """Without those of columns that have no name."""
    return [fields[index] for index in inspected.named]


def _stored(contract: Contract, raw: list[dict[str, str]]) -> list[dict[str, Any]]:
    sent_at = "2000-01-01T00:00:00.000Z"
    seal = Seal(SecretStr(token_hex()))
    events = [encode_event(contract.feed, 1, row, sent_at, data=texts) for row, texts in enumerate(raw, start=1)]
    batch = pa.record_batch(
        {
            "value": pa.array(map(seal.put_on, events), pa.binary()),
            "partition": pa.array([0] * len(events), pa.int32()),
            "offset": pa.array(range(len(events)), pa.int64()),
            "timestamp": pa.array([datetime(2000, 1, 1, tzinfo=UTC)] * len(events), pa.timestamp("us", "UTC")),
        }
    )
    reader = Reader(contract, NOBODYS_TOPIC, 1, Trust(seal))
    rows: list[dict[str, Any]] = clean(decode(batch, reader), contract).to_pylist()
    return rows


def _cell(text: str, name: str, row: dict[str, Any]) -> str:
    reasons = orjson.loads(row["reasons"] or "[]")
    why = next((reason["reason"] for reason in reasons if reason["column"] == name), "")
    stored = f"refused: {why}" if why else "" if row[name] is None else str(row[name])
    raw = text.strip()
    # Zeros behind the last decimal are no difference.
    is_same = stored == raw or ("." in stored and stored.startswith(raw) and not stored[len(raw) :].strip(".0"))
    return shown(text, WIDTH) if is_same else f"{shown(text, WIDTH)} → {shown(stored, 2 * WIDTH) or 'NULL'}"
