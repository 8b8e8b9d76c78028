"""A large file cut into small ones that are each a file of their own: the header on top, records whole."""

import gzip
import time
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path

from millrace.contract.contract import FileLayout
from millrace.errors import Refused
from millrace.whole_file import write_whole
from producer.files.csv_records import read_records
from producer.files.file_format import ENDINGS
from producer.files.file_kind import refuse_other_kind
from producer.files.header import OTHER_DELIMITERS, separator_said
from producer.files.spool import PACKED, unpacked_name, wide_encoding

FIRST_LINES = 200
HeadOf = Callable[[Sequence[bytes]], int]
"""Of a CSV file's first lines: how many stand up to and with its header."""


def split(  # noqa: PLR0913 - how parts are cut and given
    file: Path,
    lines: int,
    into: Path,
    head_of: HeadOf,
    *,
    every: float = 0,
    stopped: Callable[[], bool] = lambda: False,
) -> Iterator[Path]:
    """Cut a file into parts of `lines` records each, and give each part once it lies in `into` as a whole.

    What stands above the header stands above it in each part. `every`: seconds between two parts. Parts are numbered in
    order, so that cutting the same file again gives the same parts; a part that is there already with other content is
    refused.
    """
    name = unpacked_name(file.name)
    stem, ending = Path(name).stem, Path(name).suffix
    if ENDINGS.get(ending.lower()) == "json":
        raise Refused(f"{file.name} is one JSON document, which has no lines to cut at; send it whole.")
    if not into.is_dir():
        raise Refused(f"{into} is no folder; make it first.")
    records = _lines(file) if ENDINGS.get(ending.lower()) == "jsonl" else _csv_records(file, head_of)
    header = b"" if ENDINGS.get(ending.lower()) == "jsonl" else next(records)
    for number, content in enumerate(_parts(header, records, lines), start=1):
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


def _parts(header: bytes, records: Iterator[bytes], lines: int) -> Iterator[bytes]:
    while part := b"".join(islice(records, lines)):
        yield header + part


def _lines(file: Path) -> Iterator[bytes]:
    with _opened(file) as source:
        yield from source


def _csv_records(file: Path, head_of: HeadOf) -> Iterator[bytes]:
    """The header with what stands above it, then each record's bytes as they stand."""
    if not file.name.lower().endswith(PACKED):
        refuse_other_kind(file, file.name)
    source = _lines(file)
    first = list(islice(source, FIRST_LINES))
    if not any(line.strip() for line in first):
        raise Refused(f"{file.name} is empty; there is nothing to cut.")
    if wide_encoding(first[0]):
        raise Refused(f"{file.name} is UTF-16 text; save it as UTF-8 to cut it, or send it whole.")
    head = first[: head_of(first)]
    content = b"".join(head)
    yield content if content.endswith(b"\n") else content + b"\n"
    said = separator_said(head[0].removeprefix(BOM_UTF8))
    delimiter = said or max(OTHER_DELIMITERS, key=lambda each: head[-1].count(each.encode()))
    below = chain(first[len(head) :], source)
    for record in read_records(below, FileLayout(delimiter=delimiter, encoding="latin-1"), 0):
        yield record.raw if record.raw.endswith(b"\n") else record.raw + b"\n"


def _opened(file: Path) -> gzip.GzipFile:
    try:
        return gzip.open(file, "rb") if file.name.lower().endswith(PACKED) else file.open("rb")  # type: ignore[return-value]
    except OSError as error:
        raise Refused(f"{file} cannot be read: {error.strerror or error}.") from None
