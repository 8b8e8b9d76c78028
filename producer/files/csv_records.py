"""A CSV file as records. A record is its fields, or, where it cannot be read as columns, its bytes and why.

Record numbers start at 1 below the header and follow the CSV, not the lines: a quoted line end stays inside its field.
A quote that is never closed would swallow the lines behind it; such a line becomes one unreadable record by itself, and
reading goes on with the next.
"""

import csv
from collections import deque
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from millrace.contract.contract import FileLayout
from millrace.record.event import MAX_BYTES

csv.field_size_limit(2 * MAX_BYTES)


class Record(NamedTuple):
    """One record. `fields` (CSV) or `data` (JSON) is set, or `why` says why it cannot be read; `raw`: its bytes."""

    row: int
    line: int
    raw: bytes
    fields: list[str] | None = None
    why: str = ""
    data: dict[str, str] | None = None

    @property
    def is_readable(self) -> bool:
        return self.fields is not None or self.data is not None


class _Lines:
    """Lines for the CSV reader, keeping the bytes handed out since the last record; bytes can be given back."""

    def __init__(self, lines: Iterable[bytes], encoding: str) -> None:
        self._lines = iter(lines)
        self._again: deque[bytes] = deque()
        self._encoding = encoding
        self.taken: list[bytes] = []
        self.line = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        raw = self._again.popleft() if self._again else next(self._lines)
        self.taken.append(raw)
        self.line += 1
        # Undecodable bytes become lone surrogates, so that the CSV reader sees every comma and quote around them.
        return raw.decode(self._encoding, "surrogateescape")

    def take_first_only(self) -> bytes:
        """The first line taken; the others will be handed out again."""
        first, *others = self.taken
        self._again.extendleft(reversed(others))
        self.line -= len(others)
        self.taken.clear()
        return first


def read_records(lines: Iterable[bytes], layout: FileLayout, width: int, first_line: int = 2) -> Iterator[Record]:
    """The records of a file's lines below its header, which has `width` fields. Empty lines are no records."""
    feeder = _Lines(lines, layout.encoding)
    feeder.line = first_line - 1
    row = 0
    while True:
        reader = csv.reader(feeder, delimiter=layout.delimiter, strict=True)
        try:
            for fields in reader:
                taken = feeder.taken
                if fields:
                    row += 1
                    raw = taken[0] if len(taken) == 1 else b"".join(taken)
                    yield _checked(Record(row, feeder.line - len(taken) + 1, raw, fields), layout, width)
                taken.clear()
        except csv.Error as error:
            row += 1
            raw = feeder.take_first_only()
            yield Record(row, feeder.line, raw, why=_plain(error))
        else:
            return


def _checked(record: Record, layout: FileLayout, width: int) -> Record:
    fields = record.fields or []
    if len(fields) != width:
        why = f"the row has {len(fields)} fields, the header has {width}"
        return Record(record.row, record.line, record.raw, why=why)
    if record.raw.isascii() or not any(map(_has_surrogate, fields)):
        return record
    decoded = _decoded(fields, layout)
    why = f"the row is not {layout.encoding.upper()} text"
    return Record(record.row, record.line, record.raw, decoded, "" if decoded else why)


def _has_surrogate(field: str) -> bool:
    try:
        field.encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False


def _decoded(fields: list[str], layout: FileLayout) -> list[str] | None:
    """The fields in the declared fallback encoding; None where there is none, or the bytes do not fit it either."""
    if layout.fallback_encoding is None:
        return None
    try:
        bytes_of = [field.encode(layout.encoding, "surrogateescape") for field in fields]
        return [content.decode(layout.fallback_encoding) for content in bytes_of]
    except UnicodeError:
        return None


def _plain(error: csv.Error) -> str:
    reason = str(error)
    if "unexpected end" in reason:
        return "a quote is opened and never closed"
    if "expected after" in reason:
        return "a quoted field goes on behind its closing quote"
    if "new-line character" in reason:
        return "a carriage return stands outside quotes"
    return reason
