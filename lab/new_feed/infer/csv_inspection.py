"""A first look at a CSV file: how it is written, its header, and records to judge its columns by."""

import random
from codecs import BOM_UTF8
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from lab.new_feed.infer.delimiter import delimiter_of
from lab.new_feed.infer.encoding import encoding_of
from millrace.contract.contract import Contract, Source
from millrace.contract.date_forms import WHITE_SPACE
from millrace.errors import Refused
from producer.files.csv_file import CsvFile
from producer.files.csv_records import Record
from producer.files.file_kind import refuse_other_kind

LOOKED_AT = 20_000
"""Records that columns are judged by; of a longer file they are drawn from all of it."""
READ_AT_MOST = 2_000_000
SEED = 1


@dataclass(frozen=True)
class Inspection:
    """What was found. `texts` are the trimmed values by header, `records` the same records as they stand."""

    source: Source
    ignore: tuple[str, ...]
    header: bytes
    """The header as it stands, without a byte order mark and blank lines above it."""
    records: tuple[Record, ...]
    texts: dict[str, list[str]]
    count: int
    unreadable: int
    is_cut: bool
    """Whether the file goes on behind the READ_AT_MOST records that were read."""

    @property
    def is_drawn(self) -> bool:
        """Whether the columns were judged by a part of the records."""
        return self.is_cut or self.count - self.unreadable > len(self.records)


def inspect(path: Path, name: str) -> Inspection:
    """Read the file once. Refused without a header, without a record, or where the header cannot be used."""
    refuse_other_kind(path, name)
    encoding, fallback = encoding_of(path)
    blank, header = _header_of(path)
    source = Source(
        delimiter=delimiter_of(path, encoding, blank),
        encoding=encoding,
        fallback_encoding=fallback,
        leading_blank_lines=min(blank, 10),
    )
    file = CsvFile(_provisional(source), path, name)
    drawn = _draw(file)
    if not drawn.records:
        raise Refused(f"{name} has a header but no record that can be read; give it a few.")
    names = file.header.names
    texts = {name: [_field(record, index) for record in drawn.records] for index, name in enumerate(names) if name}
    ignore = _without_name(names, drawn.records, name)
    return Inspection(source, ignore, header, drawn.records, texts, drawn.count, drawn.unreadable, drawn.is_cut)


@dataclass(frozen=True)
class _Drawn:
    records: tuple[Record, ...]
    count: int
    unreadable: int
    is_cut: bool


def _draw(file: CsvFile) -> _Drawn:
    """Up to LOOKED_AT readable records in their order: all, or every one with the same chance."""
    chance = random.Random(SEED)  # noqa: S311 - no secret depends on it
    kept: list[Record] = []
    count = unreadable = 0
    records = file.records()
    for record in islice(records, READ_AT_MOST):
        count += 1
        if not record.is_readable:
            unreadable += 1
        elif len(kept) < LOOKED_AT:
            kept.append(record)
        elif (place := chance.randrange(count - unreadable)) < LOOKED_AT:
            kept[place] = record
    kept.sort(key=lambda record: record.row)
    return _Drawn(tuple(kept), count, unreadable, next(records, None) is not None)


def _provisional(source: Source) -> Contract:
    """A contract that knows no column yet, so that the producer's own reader takes any header."""
    nothing = {"from": "?", "name": "nothing", "type": "text", "comment": "nothing"}
    named = dict.fromkeys(("feed", "title", "description", "family"), "new")
    content = {**named, "mode": "append", "source": source, "ignore": ("",), "columns": (nothing,)}
    return Contract.model_validate(content)


def _header_of(path: Path) -> tuple[int, bytes]:
    blank = 0
    with path.open("rb") as lines:
        for line in lines:
            if line.removeprefix(BOM_UTF8).strip():
                return blank, line.removeprefix(BOM_UTF8)
            blank += 1
    return blank, b""


def _field(record: Record, index: int) -> str:
    return (record.fields or [])[index].strip(WHITE_SPACE)


def _without_name(names: tuple[str, ...], records: tuple[Record, ...], file: str) -> tuple[str, ...]:
    """Columns without a name are dropped where they only count the records or hold nothing; else refused."""
    for index in (index for index, name in enumerate(names) if not name):
        values = [_field(record, index) for record in records]
        numbers = [str(record.row) for record in records], [str(record.row - 1) for record in records]
        if any(values) and values not in numbers:
            raise Refused(
                f"{file}: column {index + 1} of the header has no name, but holds {values[0]!r}; "
                "the first line must name every column."
            )
    return ("",) if "" in names else ()
