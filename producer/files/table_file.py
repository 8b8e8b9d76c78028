"""Workbooks (.xlsx, .xls, .ods) and Parquet as the CSV that they hold: commas, UTF-8, values as people write them."""

import csv
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from math import isfinite
from pathlib import Path
from typing import Any

import orjson

from millrace.whole_file import leave_reserve
from producer.files.errors import Unusable, refuse_more_unpacked

FIRST_BYTES = (b"PAR1", b"\xd0\xcf\x11\xe0", b"PK")
FULL_DIGITS = 10**15
"""From here on a double no longer holds every whole number."""
BATCH, LOOK = 10_000, 1 << 14
"""Rows that are read at once; characters that are written until the disk is looked at again."""
MOST_SHOWN = 200

Rows = Iterable[Sequence[Any]]


def may_be_table(path: Path) -> bool:
    """Whether a file begins as a workbook or Parquet does."""
    return _head(path).startswith(FIRST_BYTES)


def write_as_csv(path: Path, target: Path, name: str, sheet: str = "") -> bool:
    """Write the table of a workbook's first (or named) sheet, or of a Parquet file; False where the file is neither.

    Unusable where the sheet is not there. Libraries may take any memory, and end the process where there is none: two
    cells in a thousand bytes may span a table of 17 billion.
    """
    head = _head(path)
    if head.startswith(b"PAR1"):
        return _written(_parquet(path, name), target, name)
    if head.startswith(b"\xd0\xcf\x11\xe0") or (head.startswith(b"PK") and _is_workbook(path)):
        return _written(_workbook(path, name, sheet), target, name)
    return False


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(8)


def _written(rows: Rows | None, target: Path, name: str) -> bool:
    if rows is None:
        return False
    with target.open("w", encoding="utf-8", newline="") as file:
        write, unseen = csv.writer(file, lineterminator="\n").writerow, LOOK
        for row in rows:
            if unseen >= LOOK:
                # A Parquet file of a few bytes may hold a value a thousand million times.
                leave_reserve(target.parent)
                refuse_more_unpacked(name, target.stat().st_size)
                unseen = 0
            unseen += write(row)
    return True


def _is_workbook(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            is_ods = "mimetype" in names and b"opendocument.spreadsheet" in archive.read("mimetype")
    except (zipfile.BadZipFile, OSError, KeyError):
        return False
    return is_ods or bool(names & {"xl/workbook.xml", "xl/workbook.bin"})


def _workbook(path: Path, name: str, sheet: str) -> Rows | None:
    # Who sends no workbook need not wait for its library.
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError  # noqa: PLC0415

    try:
        book = CalamineWorkbook.from_path(path)
        if sheet and sheet not in book.sheet_names:
            raise Unusable(f"{name} has no sheet {sheet!r}; it has {', '.join(book.sheet_names)}.")
        found = book.get_sheet_by_name(sheet) if sheet else book.get_sheet_by_index(0)
        return _cells(found.to_python(skip_empty_area=True))
    except PasswordError:
        raise Unusable(f"{name} is a workbook with a password; save it without one, or as CSV.") from None
    except CalamineError:
        return None


def _cells(rows: list[list[Any]]) -> Iterator[list[str]]:
    """The rows that hold something; those above the table without the empty cells behind their text."""
    timed = {
        index
        for row in rows
        for index, value in enumerate(row)
        if isinstance(value, datetime) and value.time() != time()
    }
    is_above = True
    for row in rows:
        texts = [_text(value, is_timed=index in timed) for index, value in enumerate(row)]
        filled = sum(text != "" for text in texts)
        if not filled:
            continue
        is_above = is_above and filled == 1 and texts[0] != "" and len(texts) > 2
        yield texts[:1] if is_above else texts


def _parquet(path: Path, name: str) -> Rows | None:
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    try:
        file = pq.ParquetFile(path)
    except pa.ArrowException:
        return None
    return _records(file, name)


def _records(file: Any, name: str) -> Iterator[list[str]]:
    import pyarrow as pa  # noqa: PLC0415

    yield list(file.schema_arrow.names)
    batches = file.iter_batches(BATCH)
    while True:
        try:
            batch = next(batches, None)
        except (pa.ArrowException, OSError) as error:
            raise Unusable(f"{name} is no whole Parquet file: {' '.join(str(error).split())[:MOST_SHOWN]}.") from None
        if batch is None:
            return
        columns = [_in_micros(column).to_pylist() for column in batch.columns]
        is_timed = [pa.types.is_timestamp(column.type) for column in batch.columns]
        for row in zip(*columns, strict=True):
            yield [_text(value, is_timed=timed) for value, timed in zip(row, is_timed, strict=True)]


def _in_micros(column: Any) -> Any:
    """Python knows no nanoseconds."""
    import pyarrow as pa  # noqa: PLC0415

    is_nano = pa.types.is_timestamp(column.type) and column.type.unit == "ns"
    return column.cast(pa.timestamp("us", column.type.tz), safe=False) if is_nano else column


def _text(value: Any, *, is_timed: bool) -> str:
    """A value as a person writes it; `is_timed`: days stand beside moments of its column."""
    match value:
        case None:
            text = ""
        case bool() | list() | dict():
            text = orjson.dumps(value, default=str).decode()
        case float():
            text = _number(value)
        case date():
            text = _moment(value, is_timed)
        case bytes():
            text = value.hex()
        case _:
            text = str(value)
    return text


def _moment(value: date, is_timed: bool) -> str:
    if not isinstance(value, datetime):
        return f"{value.isoformat()} 00:00:00" if is_timed else value.isoformat()
    if value.tzinfo is not None:
        return value.isoformat()
    return value.isoformat(sep=" ") if is_timed or value.time() != time() else value.date().isoformat()


def _number(value: float) -> str:
    if not isfinite(value):
        return str(value)
    return f"{value:.0f}" if value.is_integer() and abs(value) < FULL_DIGITS else f"{Decimal(repr(value)):f}"
