"""Refused records go through their topic once more, as who they are: a mended contract takes them in."""

import csv
from collections.abc import Iterator
from typing import Any

import orjson
from sqlalchemy import Connection, text

from feeds.contract import Contract
from feeds.event import encode_event, timestamp
from feeds.json_record import NotJson
from producer.json_record import read_record

PAGE = 1000
OPEN = (
    "SELECT source_id, row_no, raw FROM v_quarantine WHERE feed = :feed AND resolved_at IS NULL"
    " AND (source_id, row_no) > (:source, :row) ORDER BY source_id, row_no LIMIT :page"
)


def open_records(connection: Connection, feed: str) -> Iterator[tuple[int, int, bytes]]:
    """(source, row, raw bytes) of every refused record that no later load took in."""
    source, row = -1, -1
    while True:
        page = connection.execute(text(OPEN), {"feed": feed, "source": source, "row": row, "page": PAGE}).all()
        for found in page:
            yield found.source_id, found.row_no, bytes(found.raw or b"")
        if len(page) < PAGE:
            return
        source, row = page[-1].source_id, page[-1].row_no


def replayed(contract: Contract, source: int, row: int, raw: bytes) -> bytes:
    """The record as an event of the same identity, sent now. What a person typed becomes an event on this way."""
    event = _event(raw)
    if event is not None:
        return orjson.dumps(event | {"sent_at": timestamp()})
    data, why = _typed(contract, raw)
    said: dict[str, Any] = {"raw": raw, "why": why} if data is None else {"data": data}
    return encode_event(contract.feed, source, row, timestamp(), origin="console", **said)


def _event(raw: bytes) -> dict[str, Any] | None:
    try:
        found = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None
    is_event = isinstance(found, dict) and {"source", "row"} <= found.keys() and bool({"data", "raw"} & found.keys())
    return found if is_event else None


def _typed(contract: Contract, raw: bytes) -> tuple[dict[str, str] | None, str]:
    """A bare line in the contract's order, or a JSON object: its texts by header, or why it has none."""
    try:
        line = raw.decode(contract.source.encoding)
        if line.lstrip().startswith("{"):
            return read_record(line), ""
        fields = next(csv.reader([line], delimiter=contract.source.delimiter, strict=True), [])
    except UnicodeDecodeError:
        return None, f"the record is not {contract.source.encoding.upper()} text"
    except (NotJson, csv.Error) as error:
        return None, f"the record {error}"
    headers = [column.from_ for column in contract.typed_columns]
    if len(fields) != len(headers):
        return None, f"the line does not have the {len(headers)} fields of the contract"
    return dict(zip(headers, fields, strict=True)), ""
