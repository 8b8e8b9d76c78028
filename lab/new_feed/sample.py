"""The feed's sample: a few dozen records of the file, byte for byte."""

from collections.abc import Sequence

from lab.new_feed.infer.csv_inspection import Inspection
from producer.files.csv_records import Record

MOST = 40
SHORT = 4096
"""Bytes; longer records are left out where there are others."""


def sample(inspected: Inspection) -> bytes:
    """The header and records from all over the file, as they stand in it."""
    short = [record for record in inspected.records if len(record.raw) <= SHORT] or inspected.records[:1]
    return b"".join(_line(raw) for raw in (inspected.header, *(record.raw for record in _spread(short))))


def _spread(records: Sequence[Record]) -> list[Record]:
    step = max(1, len(records) / MOST)
    return [records[int(number * step)] for number in range(min(MOST, len(records)))]


def _line(raw: bytes) -> bytes:
    return raw if raw.endswith((b"\n", b"\r")) else raw + b"\n"
