"""Files that are there whole or not at all, whoever reads them meanwhile and whenever the writer ends."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LONGEST_KEPT = 200
"""Characters of the name that the unfinished file repeats: a name has at most 255 bytes."""

RESERVE = 256 << 20
"""Bytes of a disk that whoever fills it leaves to others."""


def leave_reserve(folder: Path) -> None:
    """OSError, as of a full disk, where others of the folder's disk would lack room."""
    if shutil.disk_usage(folder).free < RESERVE:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@contextmanager
def whole_file(target: Path, *, synced: bool = False) -> Iterator[Path]:
    """Gives a hidden path beside `target`; what is written there becomes `target` once the block ends well, else goes.

    `synced`: it is on the disk before it takes the name. OSError where it cannot.
    """
    partial = target.with_name(f".{target.name[:LONGEST_KEPT]}.partial")
    try:
        yield partial
        if synced:
            with partial.open("rb") as file:
                os.fsync(file.fileno())
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def write_whole(target: Path, content: bytes | str) -> None:
    """Replace a file's content at once; texts in UTF-8."""
    with whole_file(target) as partial:
        partial.write_bytes(content.encode() if isinstance(content, str) else content)
