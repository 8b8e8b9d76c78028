"""Refused records go through their topic once more, as who they are: a mended contract takes them in."""

from base64 import b64decode
from collections.abc import Iterator
from functools import partial

import orjson
from sqlalchemy import Connection, text

from millrace.contract.contract import Contract
from millrace.record.event import encode_event, timestamp
from millrace.record.record_reader import RecordReader, TopicRecord

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
    now = timestamp()
    record = RecordReader(contract).read(raw, resent_at=now)
    send = partial(encode_event, contract.feed, source, row, now, replaces=record.replaces, origin=record.origin)
    return send(raw=_unread(raw, record), why=record.why) if record.data is None else send(data=record.data)


def _unread(raw: bytes, record: TopicRecord) -> bytes:
    """What could not be read: the bytes that an event carries, else the record itself."""
    carried = None if record.is_typed else orjson.loads(raw).get("raw")
    try:
        return b64decode(carried, validate=True) if isinstance(carried, str) else raw
    except ValueError:
        return raw
