"""Files that move to another folder and keep their names."""

import errno
import os
import shutil
import stat
from collections.abc import Callable
from itertools import count
from pathlib import Path

from millrace.whole_file import whole_file

REASON = ".reason"


def move(file: Path, folder: Path, before: Callable[[Path], None] = lambda _to: None) -> Path:
    """Move a file into a folder; where its name is taken there, a number is added. `before` gets its new path.

    There is a whole file at every moment: across file systems it is copied and synced first. OSError where it stays.
    """
    target = free_name(own_folder(folder), file.name)
    before(target)
    try:
        file.rename(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        _copy(file, target)
        file.unlink()
    return target


def own_folder(folder: Path) -> Path:
    """The folder, made where it is missing. OSError where another has made it: it may lead anywhere."""
    folder.mkdir(mode=0o755, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise PermissionError(errno.EPERM, f"{folder.name}/ is somebody else's; remove it")
    return folder


def free_name(folder: Path, name: str) -> Path:
    """`x.csv`, or `x-2.csv`, `x-3.csv` … where it is taken."""
    stem, dot, ending = name.partition(".")
    names = (name if number == 1 else f"{stem}-{number}{dot}{ending}" for number in count(1))
    return next(folder / each for each in names if not os.path.lexists(folder / each))


def write_beside(file: Path, reason: str) -> None:
    """Say why a file was refused, in a file beside it."""
    file.with_name(f"{file.name}{REASON}").write_text(reason, encoding="utf-8")


def _copy(file: Path, target: Path) -> None:
    """Never through a link, should one stand there by now."""
    descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW)
    with os.fdopen(descriptor, "rb") as source, whole_file(target, synced=True) as partial:
        with partial.open("wb") as copied:
            shutil.copyfileobj(source, copied)
        found = os.fstat(descriptor)
        os.utime(partial, ns=(found.st_atime_ns, found.st_mtime_ns))
        partial.chmod(stat.S_IMODE(found.st_mode))
