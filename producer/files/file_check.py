"""A file is read once from end to end before its first record is sent."""

import re
from dataclasses import dataclass, field
from datetime import date
from pathlib import PurePath

from millrace.contract.column import PUBLISHED, Column
from millrace.contract.contract import Contract
from millrace.contract.date_forms import moment
from millrace.errors import Refused
from millrace.record.event import MAX_BYTES, encode_event
from producer.files.csv_file import CsvFile
from producer.files.csv_records import Record
from producer.files.file_format import format_of
from producer.files.file_kind import refuse_other_kind
from producer.files.file_reader import Reading
from producer.files.json_file import JsonFile
from producer.files.refused_kinds import refuse_kind
from producer.files.spool import Spooled

WIDTH = "the row has "
"""How a record begins to say that it has another number of fields than the header."""
SAFE_RAW_BYTES = MAX_BYTES // 8
"""A record this small fits an event however much JSON and base64 enlarge it."""
ROOM_AROUND = 4096
"""Bytes an event may need beyond those measured here: a longer number, as many replaced sources as may be, the seal."""


@dataclass(frozen=True)
class CheckedFile:
    """A file that may be sent: it can be read, has a record that is the feed's, and none too large for an event."""

    spooled: Spooled
    reading: Reading
    records: int
    unreadable: int
    given: dict[str, str] = field(default_factory=dict)
    """What every record is given beside its own texts, see millrace.contract.column.GIVEN."""


def open_file(contract: Contract, spooled: Spooled) -> Reading:
    """The file as the format in its name reads it."""
    if spooled.is_table:
        format_of(contract, f"{spooled.name}.csv")
        written = {"delimiter": ",", "other_delimiters": (), "encoding": "utf-8", "fallback_encoding": None}
        layout = contract.source.model_copy(update=written)
        return CsvFile(contract.model_copy(update={"source": layout}), spooled.path, spooled.name)
    refuse_other_kind(spooled.path, spooled.name)
    file_format = format_of(contract, spooled.name)
    if file_format == "csv":
        return CsvFile(contract, spooled.path, spooled.name)
    return JsonFile(contract, spooled.path, spooled.name, lines=file_format == "jsonl")


def check_file(contract: Contract, spooled: Spooled) -> CheckedFile:
    """Read the whole file once; refuses what is wrong with it before its first record is sent."""
    reading = open_file(contract, spooled)
    published = _Published(contract, spooled.name)
    records, unreadable, wrong = 0, 0, ""
    for record in reading.records():
        records += 1
        unreadable += not record.is_readable
        wrong = wrong or record.why
        _refuse_too_large(record, reading, contract, spooled.name)
        refuse_kind(record, contract, spooled.name)
        published.check(record, reading)
    reading.refuse_useless(records)
    if records == unreadable and wrong.startswith(WIDTH):
        raise Refused(f"{spooled.name}: no record fits; of the first, {wrong}; nothing was sent.")
    return CheckedFile(spooled, reading, records, unreadable, published.given())


class _Published:
    """Finds the day a file was published: in its name, else the greatest day in a column."""

    def __init__(self, contract: Contract, name: str) -> None:
        self._contract, self._name = contract, name
        self._day = _day_in_name(contract, name)
        self._column = None if self._day else _greatest_column(contract)

    def check(self, record: Record, reading: Reading) -> None:
        """Take a record's day into account. One that cannot be read is left to the quarantine."""
        if self._column is None or not record.is_readable:
            return
        texts = reading.texts(record)
        text = next((text for header in self._column.headers if (text := texts.get(header, "")).strip()), "")
        found = moment(text, self._column.formats, self._column.day)
        if found and (self._day is None or found.date() > self._day):
            self._day = found.date()

    def given(self) -> dict[str, str]:
        """What every record is told of the day, if the contract asks for it. Refused where none is found."""
        how = self._contract.published
        if how is None:
            return {}
        if self._day is None:
            column = self._column.from_ if self._column else how.greatest
            raise Refused(
                f"{self._name}: the day it was published is not to be found; its name must hold it as in {how.name}, "
                f"or its column {column} a day that can be read."
            )
        return {PUBLISHED: self._day.isoformat()}


def _day_in_name(contract: Contract, name: str) -> date | None:
    found = re.search(contract.published.name, PurePath(name).name) if contract.published else None
    try:
        return date.fromisoformat(found[1]) if found else None
    except ValueError:
        return None


def _greatest_column(contract: Contract) -> Column | None:
    column = contract.column(contract.published.greatest) if contract.published else None
    return column if isinstance(column, Column) else None


def _refuse_too_large(record: Record, reading: Reading, contract: Contract, file: str) -> None:
    if len(record.raw) < SAFE_RAW_BYTES:
        return
    if record.is_readable:
        size = len(reading.encoder(contract.feed, 2**62, {}, "simulator")(record))
    else:
        size = len(encode_event(contract.feed, 2**62, record.row, "", raw=record.raw, why=record.why))
    most = MAX_BYTES - ROOM_AROUND
    if size > most:
        raise Refused(
            f"{file}: record {record.row} at line {record.line} is too large ({size:,} bytes as an event, "
            f"{most:,} are allowed); shorten it, or look for a quote that is never closed."
        )
