"""Refused records go through their topic once more, as who they are: a mended contract takes them in.

What is repeated is the record, with its version; that it took another source's place is not.
"""

from base64 import b64decode
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from typing import NamedTuple

import orjson
from sqlalchemy import Connection, text

from millrace.contract.column import PUBLISHED
from millrace.contract.contract import Contract
from millrace.record.event import Claim, encode_event, timestamp
from millrace.record.record_reader import RecordReader, TopicRecord
from millrace.record.seal import Seal

PAGE = 1000
OPEN = (
    "SELECT source_id, row_no, raw, sent_at FROM v_quarantine WHERE feed = :feed AND resolved_at IS NULL"
    " AND cut_from IS NULL AND (source_id, row_no) > (:source, :row) ORDER BY source_id, row_no LIMIT :page"
)


class Refusal(NamedTuple):
    """A refused record: who it is, its bytes as they stood in Kafka, and when it was sent first (UTC)."""

    source: int
    row: int
    raw: bytes
    sent_at: datetime | None


def open_records(connection: Connection, feed: str) -> Iterator[Refusal]:
    """Every refused record that was not settled since, and of which quarantine has all bytes."""
    source = row = -(2**63)
    while True:
        page = connection.execute(text(OPEN), {"feed": feed, "source": source, "row": row, "page": PAGE}).all()
        for found in page:
            yield Refusal(found.source_id, found.row_no, bytes(found.raw or b""), found.sent_at)
        if len(page) < PAGE:
            return
        source, row = page[-1].source_id, page[-1].row_no


def replayed(contract: Contract, seal: Seal, refusal: Refusal) -> bytes:
    """The record as an event of the same identity and time. What a person typed becomes an event on this way."""
    sent_at = timestamp(refusal.sent_at and refusal.sent_at.replace(tzinfo=UTC))
    record = _read(RecordReader(contract, seal), refusal, sent_at)
    claim = Claim(version=record.version)
    send = partial(encode_event, contract.feed, refusal.source, refusal.row, sent_at, origin=record.origin, claim=claim)
    if record.data is None:
        return send(raw=_unread(refusal.raw, record), why=record.why)
    return send(data=_given(contract, record, sent_at) | record.data)


def _read(reader: RecordReader, refusal: Refusal, sent_at: str) -> TopicRecord:
    """As the stream has read it: who was refused as who the envelope says had been believed."""
    believed = reader.read(refusal.raw, is_older=True, resent_at=sent_at)
    is_who_it_says = (believed.source, believed.row) == (refusal.source, refusal.row)
    return believed if is_who_it_says else reader.read(refusal.raw, resent_at=sent_at)


def _given(contract: Contract, record: TopicRecord, sent_at: str) -> dict[str, str]:
    """What an event must name and a typed record need not: it is published on the day of its arrival."""
    has_day = any(PUBLISHED in column.headers for column in contract.columns)
    return {PUBLISHED: sent_at[: len("2026-11-22")]} if record.is_typed and has_day else {}


def _unread(raw: bytes, record: TopicRecord) -> bytes:
    """What could not be read: the bytes that an event carries, else the record itself."""
    carried = None if record.is_typed else orjson.loads(raw).get("raw")
    try:
        return b64decode(carried, validate=True) if isinstance(carried, str) else raw
    except ValueError:
        return raw
