"""The spool: a file is copied and hashed once, then read from the copy, which nobody else changes.

A file whose name ends in .gz is unpacked on the way: it is what it holds, in name and content. Text in UTF-16 or
UTF-32, which its first bytes tell, becomes UTF-8 with a mark, a workbook or Parquet the CSV it holds; the hash is that
of what the file held. Each send has a
copy of its own, also of equal content, for it removes it at its end; what a killed one left behind, the next one
removes. A copy leaves others of the disk a reserve, and what unpacks without end is refused.
"""

import gzip
import os
import zlib
from codecs import (
    BOM_UTF8,
    BOM_UTF16_BE,
    BOM_UTF16_LE,
    BOM_UTF32_BE,
    BOM_UTF32_LE,
    IncrementalDecoder,
    getincrementaldecoder,
)
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import IO

from millrace.bounded_memory import in_bounded_memory
from millrace.errors import Refused, disk_full, is_disk_full
from millrace.whole_file import leave_reserve
from producer.files.errors import Unusable, is_endless, refuse_more_unpacked
from producer.files.file_format import printable
from producer.files.table_file import may_be_table, write_as_csv

BLOCK = 1 << 20
PACKED = ".gz"
NUMBERS = count(1)
MOST_MEMORY = 400 << 20
"""Bytes that reading a workbook or Parquet may take: a workbook is held in memory. The landing service has room."""


@dataclass(frozen=True)
class Spooled:
    """A file in the spool: where it lies, the name it came with, and its content's hash."""

    path: Path
    name: str
    sha256: str
    size: int
    is_table: bool = False
    """Whether it was a workbook or Parquet, and its copy is the CSV that it holds."""

    def discard(self) -> None:
        """Remove the copy, once all of it is acknowledged."""
        self.path.unlink(missing_ok=True)


def spool(file: Path, folder: Path, sheet: str = "", descriptor: int | None = None) -> Spooled:
    """Copy a file into the spool; refuses what cannot be read or does not fit the disk. `sheet`: of a workbook.

    `descriptor`: the file that the caller has looked at and holds open; who put another in its place is not followed.
    """
    if (name := printable(file)) != file.name:
        raise Unusable(f"{name}: the file's name is not UTF-8 text; give it another one.")
    is_packed = file.name.lower().endswith(PACKED)
    path = folder / f"{os.getpid()}-{next(NUMBERS)}"
    partial, table = path.with_suffix(".partial"), path.with_suffix(".table")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _sweep(folder)
        with _opened(file, descriptor) as source:
            digest, size = _copy(source, partial, is_packed=is_packed)
        is_table = _write_table(partial, table, file.name, sheet)
        (table if is_table else partial).replace(path)
        path.chmod(0o440)
    except FileNotFoundError:
        raise Refused(f"{file} does not exist.") from None
    except IsADirectoryError:
        raise Refused(f"{file} is a folder; name one file.") from None
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise Unusable(f"{file.name} is no whole gzip file; it was cut off, or is something else.") from None
    except UnicodeDecodeError:
        raise Unusable(f"{file.name} begins as UTF-16 text, but is none throughout; save it as UTF-8.") from None
    except OSError as error:
        if is_disk_full(error):
            raise Refused(f"{file.name} was not sent. {disk_full('kafka')}") from None
        raise Refused(f"{file} cannot be copied to {folder}: {error.strerror or error}.") from None
    finally:
        for left in (partial, table):
            with suppress(OSError):
                left.unlink(missing_ok=True)
    if is_table and sheet:
        # Two sheets of a workbook are two sources.
        digest = sha256(f"{digest} {sheet}".encode()).hexdigest()
    of_sheet = f"#{sheet}" if is_table and sheet else ""
    return Spooled(path, f"{unpacked_name(file.name)}{of_sheet}", digest, size, is_table)


def _write_table(partial: Path, table: Path, name: str, sheet: str) -> bool:
    """Whether the file held one."""
    try:
        return may_be_table(partial) and in_bounded_memory(MOST_MEMORY, write_as_csv, partial, table, name, sheet)
    except MemoryError:
        raise Unusable(
            f"{name} takes more than {MOST_MEMORY >> 20} MB of memory to read; "
            "save the table as CSV, which is read in pieces."
        ) from None


def unpacked_name(name: str) -> str:
    """A file's name without the .gz it was packed under."""
    return name[: -len(PACKED)] if name.lower().endswith(PACKED) else name


def wide_encoding(head: bytes) -> str:
    """UTF-16 or UTF-32, where a file's first bytes are its mark; else nothing."""
    if head.startswith((BOM_UTF32_LE, BOM_UTF32_BE)):
        return "utf-32"
    return "utf-16" if head.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) else ""


def _sweep(folder: Path) -> None:
    """Remove the copies of processes that have ended."""
    for copy in folder.iterdir():
        process, is_ours, _number = copy.name.partition("-")
        if is_ours and process.isdecimal() and not _lives(int(process)):
            copy.unlink(missing_ok=True)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _opened(file: Path, descriptor: int | None) -> IO[bytes]:
    if descriptor is None:
        return file.open("rb")
    source = os.fdopen(os.dup(descriptor), "rb")
    source.seek(0)
    return source


def _copy(file: IO[bytes], partial: Path, *, is_packed: bool) -> tuple[str, int]:
    hashed, size, packed = sha256(), 0, os.fstat(file.fileno()).st_size
    with partial.open("wb") as target:
        source = gzip.GzipFile(fileobj=file) if is_packed else file
        decoder: IncrementalDecoder | None = None
        while block := source.read(BLOCK):
            hashed.update(block)
            if not size and (wide := wide_encoding(block)):
                decoder = getincrementaldecoder(wide)()
                target.write(BOM_UTF8)
            size += len(block)
            target.write(decoder.decode(block).encode() if decoder else block)
            _refuse_unbounded(partial, size, packed if is_packed else 0)
        if decoder:
            target.write(decoder.decode(b"", final=True).encode())
        target.flush()
        os.fsync(target.fileno())
    return hashed.hexdigest(), size


def _refuse_unbounded(partial: Path, size: int, packed: int) -> None:
    """Unusable where so few packed bytes have become so many, or so many have come at all; see also leave_reserve."""
    if packed and is_endless(packed, size):
        raise Unusable(f"The gzip file of {packed:,} bytes unpacks to {size:,} and more: that is no table.")
    if packed:
        refuse_more_unpacked(f"The gzip file of {packed:,} bytes", size)
    leave_reserve(partial.parent)
