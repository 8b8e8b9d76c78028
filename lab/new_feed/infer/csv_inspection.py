"""A first look at a CSV file: how it is written, its header, and records to judge its columns by."""

import csv
import random
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from lab.new_feed.infer.delimiter import delimiter_of
from lab.new_feed.infer.encoding import encoding_of
from lab.new_feed.infer.table_start import start_of
from millrace.contract.contract import Contract, FileLayout
from millrace.contract.date_forms import WHITE_SPACE
from millrace.errors import Refused
from producer.files.csv_file import CsvFile
from producer.files.csv_records import Record
from producer.files.file_kind import refuse_other_kind

SAMPLED_RECORDS = 20_000
"""Records that columns are judged by; of a longer file they are drawn from all of it."""
READ_AT_MOST = 2_000_000
SEED = 1
FIRST = 5
MOST_SHOWN = 60
FEW, MOST_WRONG = 3, 4
"""So many unreadable records are suffered if they are no more than every fourth; of others one in a hundred."""


@dataclass(frozen=True)
class Inspection:
    """What was found. `texts` are the trimmed values by header, `records` the same records as they stand."""

    layout: FileLayout
    ignore: tuple[str, ...]
    header: bytes
    """The header as it stands, without a byte order mark and blank lines above it."""
    records: tuple[Record, ...]
    texts: dict[str, list[str]]
    count: int
    unreadable: int
    is_cut: bool
    """Whether the file goes on behind the READ_AT_MOST records that were read."""
    first: tuple[Record, ...] = ()
    """The first FIRST readable records."""
    named: tuple[int, ...] = ()
    """The positions in a record of the columns that have a name."""
    what: str = ""
    """What the file is, if not CSV."""
    passed: tuple[str, ...] = ()
    """Lines above the header that are no part of the table."""

    @property
    def is_drawn(self) -> bool:
        """Whether the columns were judged by a part of the records."""
        return self.is_cut or self.count - self.unreadable > len(self.records)


def inspect(path: Path, name: str) -> Inspection:
    """Read the file once. Refused without a header, without a record, or where the header cannot be used."""
    refuse_other_kind(path, name)
    encoding, fallback = encoding_of(path)
    start = start_of(path, encoding)
    if start.is_doubtful:
        title = start.header.decode(encoding, "replace").strip()[:MOST_SHOWN]
        raise Refused(
            f"{name}: {title!r} stands alone above a blank line; remove the blank line if it names the only column, "
            "else all that stands above the table."
        )
    layout = FileLayout(
        delimiter=start.delimiter or delimiter_of(path, encoding, start.lines - 1),
        encoding=encoding,
        fallback_encoding=fallback,
        leading_blank_lines=min(start.blank, 10),
        lines_above=start.above,
    )
    file = CsvFile(_provisional(layout, start.header), path, name)
    drawn = _draw(file)
    refuse_unreadable(name, drawn.count, drawn.unreadable, drawn.first_wrong)
    names = file.header.names
    texts = {name: [_field(record, index) for record in drawn.records] for index, name in enumerate(names) if name}
    ignore = _without_name(names, drawn.records, name)
    return Inspection(
        layout=layout,
        ignore=ignore,
        header=start.header,
        records=drawn.records,
        texts=texts,
        count=drawn.count,
        unreadable=drawn.unreadable,
        is_cut=drawn.is_cut,
        first=drawn.first,
        named=tuple(index for index, name in enumerate(names) if name),
        passed=start.passed,
    )


@dataclass(frozen=True)
class _Drawn:
    records: tuple[Record, ...]
    count: int
    unreadable: int
    is_cut: bool
    first: tuple[Record, ...]
    first_wrong: Record | None


def refuse_unreadable(name: str, count: int, unreadable: int, wrong: Record | None) -> None:
    """Refused without a readable record, and where more than a few are none: the file is read wrongly, or is none.

    `wrong` is the first that cannot be read.
    """
    if wrong is None:
        if not count:
            raise Refused(f"{name} has a header but no record; give it a few.")
        return
    is_few = unreadable * MOST_WRONG <= count if unreadable <= FEW else False
    if not is_few and unreadable * 100 > count:
        raise Refused(
            f"{name}: {unreadable:,} of {count:,} records cannot be read; "
            f"of the first, at line {wrong.line}, {wrong.why}."
        )


def _draw(file: CsvFile) -> _Drawn:
    """Up to SAMPLED_RECORDS readable records in their order: all, or every one with the same chance."""
    chance = random.Random(SEED)  # noqa: S311 - no secret depends on it
    kept: list[Record] = []
    first: tuple[Record, ...] = ()
    first_wrong: Record | None = None
    count = unreadable = 0
    records = file.records()
    for record in islice(records, READ_AT_MOST):
        count += 1
        if not record.is_readable:
            unreadable += 1
            first_wrong = first_wrong or record
        elif len(kept) < SAMPLED_RECORDS:
            kept.append(record)
            first = first if len(first) == FIRST else (*first, record)
        elif (position := chance.randrange(count - unreadable)) < SAMPLED_RECORDS:
            kept[position] = record
    kept.sort(key=lambda record: record.row)
    return _Drawn(tuple(kept), count, unreadable, next(records, None) is not None, first, first_wrong)


def _provisional(layout: FileLayout, header: bytes) -> Contract:
    """A contract that asks for the header's own names, so that the producer's reader finds it; of none it takes any."""
    text = header.decode(layout.encoding, "replace")
    headers = [name.strip() for name in next(csv.reader([text], delimiter=layout.delimiter), [])]
    wanted = dict.fromkeys(name for name in headers if name and not name.startswith("@"))
    columns = [
        {"from": name, "name": f"c{number}", "type": "text", "required": bool(layout.lines_above), "comment": "new"}
        for number, name in enumerate(wanted or {"?": None})
    ]
    named = dict.fromkeys(("feed", "title", "description", "family"), "new")
    return Contract.model_validate({**named, "mode": "append", "source": layout, "ignore": ("",), "columns": columns})


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
