"""A large file cut into small ones that are each a file of their own: the header on top, records whole."""

import gzip
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from millrace.contract.contract import Source
from millrace.errors import Refused
from millrace.whole_file import write_whole
from producer.files.csv_records import read_records
from producer.files.file_format import ENDINGS
from producer.files.header import OTHER_DELIMITERS
from producer.files.spool import PACKED, unpacked_name

BLANK_LINES = 10


def split(
    file: Path, lines: int, into: Path, *, every: float = 0, stopped: Callable[[], bool] = lambda: False
) -> Iterator[Path]:
    """Cut a file into parts of `lines` records each, and give each part once it lies in `into` as a whole.

    `every`: seconds between two parts. Parts are numbered in order, so that cutting the same file again gives the same
    parts; a part that is there already with other content is refused.
    """
    name = unpacked_name(file.name)
    stem, ending = Path(name).stem, Path(name).suffix
    if ENDINGS.get(ending.lower()) == "json":
        raise Refused(f"{file.name} is one JSON document, which has no lines to cut at; send it whole.")
    if not into.is_dir():
        raise Refused(f"{into} is no folder; make it first.")
    for number, content in enumerate(_parts(file, lines, ENDINGS.get(ending.lower()) == "jsonl"), start=1):
        if stopped():
            return
        if number > 1 and every:
            time.sleep(every)
        yield put(content, into / f"{stem}-{number:06d}{ending}")


def put(content: bytes, target: Path) -> Path:
    """Put a whole file in place at once; under a hidden name until then."""
    if target.exists():
        if target.read_bytes() != content:
            raise Refused(f"{target} is there already, with other content; name an empty folder.")
        return target
    try:
        write_whole(target, content)
    except OSError as error:
        raise Refused(f"{target} cannot be written: {error.strerror or error}.") from None
    return target


def _parts(file: Path, lines: int, has_no_header: bool) -> Iterator[bytes]:
    records = _lines(file) if has_no_header else _csv_records(file)
    header = b"" if has_no_header else next(records)
    while part := b"".join(islice(records, lines)):
        yield header + part


def _lines(file: Path) -> Iterator[bytes]:
    with _opened(file) as source:
        yield from source


def _csv_records(file: Path) -> Iterator[bytes]:
    """The header with what stands above it, then each record's bytes as they stand."""
    source = _lines(file)
    head = next(source, b"")
    while not head.strip() and head.count(b"\n") <= BLANK_LINES:
        line = next(source, None)
        if line is None:
            raise Refused(f"{file.name} is empty; there is nothing to cut.")
        head += line
    yield head if head.endswith(b"\n") else head + b"\n"
    delimiter = max(OTHER_DELIMITERS, key=lambda each: head.count(each.encode()))
    for record in read_records(source, Source(delimiter=delimiter, encoding="latin-1"), 0):
        yield record.raw if record.raw.endswith(b"\n") else record.raw + b"\n"


def _opened(file: Path) -> gzip.GzipFile:
    try:
        return gzip.open(file, "rb") if file.name.lower().endswith(PACKED) else file.open("rb")  # type: ignore[return-value]
    except OSError as error:
        raise Refused(f"{file} cannot be read: {error.strerror or error}.") from None
