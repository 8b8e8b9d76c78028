"""From what was downloaded to the file that is sent: out of gzip, out of a zip, never larger than allowed.

What an archive states of itself is not trusted: bytes are counted as they come out, and every check sum is checked.
"""

import gzip
import zipfile
import zlib
from contextlib import suppress
from fnmatch import fnmatch
from pathlib import Path
from typing import IO

from millrace.errors import is_disk_full
from millrace.whole_file import leave_reserve
from producer.files.errors import is_endless
from producer.live.errors import Trouble, disk_nearly_full

GZIP, ZIP = b"\x1f\x8b", b"PK\x03\x04"
BLOCK = 1 << 20
MOST_MEMBERS = 1000


def unpack(packed: Path, target: Path, *, encoding: str, member: str, most_bytes: int) -> None:
    """Write the file that `packed` holds to `target`; Trouble where it is damaged, too large or not the one wanted.

    `encoding`: how it was compressed on its way. Then a gzip file is unpacked, and out of a zip comes `member`.
    """
    step = target.with_name(f".{target.name}.unpacked")
    try:
        if encoding:
            _gunzip(packed, step, most_bytes)
            packed.unlink()
            step.replace(packed)
        kind = _kind(packed)
        if kind == ZIP:
            _unzip(packed, step, member, most_bytes)
        elif kind == GZIP:
            _gunzip(packed, step, most_bytes)
        else:
            packed.replace(step)
        step.replace(target)
    except OSError as error:
        if is_disk_full(error):
            raise disk_nearly_full(target.parent) from None
        raise
    finally:
        for left in (step, packed):
            with suppress(FileNotFoundError):
                left.unlink()


def _kind(file: Path) -> bytes:
    with file.open("rb") as content:
        begins = content.read(4)
    return ZIP if begins == ZIP else GZIP if begins.startswith(GZIP) else b""


def _gunzip(packed: Path, target: Path, most_bytes: int) -> None:
    try:
        with gzip.open(packed, "rb") as source:
            _copy(source, target, packed.stat().st_size, most_bytes)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise Trouble("failing", f"The compressed file arrived damaged or cut off ({error}); fetch it again.") from None


def _unzip(packed: Path, target: Path, member: str, most_bytes: int) -> None:
    try:
        with zipfile.ZipFile(packed) as archive:
            chosen = _chosen(archive, member)
            if chosen.flag_bits & 1:
                raise Trouble("wrong", f"The file {chosen.filename} in the zip wants a password.")
            with archive.open(chosen) as source:
                _copy(source, target, packed.stat().st_size, most_bytes)
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise Trouble("failing", f"The zip file arrived damaged or cut off ({error}); fetch it again.") from None
    except NotImplementedError as error:
        raise Trouble("wrong", f"The zip file is packed in a way that cannot be read here ({error}).") from None


def _chosen(archive: zipfile.ZipFile, member: str) -> zipfile.ZipInfo:
    """The one file of the archive that fits the pattern."""
    files = [info for info in archive.infolist() if not info.is_dir()]
    if len(files) > MOST_MEMBERS:
        raise Trouble(
            "wrong", f"The zip file holds {len(files):,} files; more than {MOST_MEMBERS:,} are not looked through."
        )
    fitting = [info for info in files if fnmatch(Path(info.filename).name.lower(), (member or "*").lower())]
    if len(fitting) != 1:
        names = ", ".join(info.filename for info in files[:10]) or "nothing"
        how_many = "no file" if not fitting else f"{len(fitting)} files"
        raise Trouble("wrong", f"{how_many} in the zip fit {member or '*'!r}; it holds {names}.")
    return fitting[0]


def _copy(source: IO[bytes] | gzip.GzipFile, target: Path, packed: int, most_bytes: int) -> None:
    """Trouble where it is larger than allowed, or than a table of so many packed bytes; see also leave_reserve."""
    size = 0
    with target.open("wb") as file:
        while block := source.read(BLOCK):
            leave_reserve(target.parent)
            size += file.write(block)
            if size > most_bytes:
                raise Trouble(
                    "wrong", f"Unpacked it is larger than {most_bytes / 1e6:,.0f} MB, which is most_mb of this file."
                )
            if is_endless(packed, size):
                raise Trouble(
                    "wrong", f"The packed file of {packed:,} bytes unpacks to {size:,} and more: that is no table."
                )
