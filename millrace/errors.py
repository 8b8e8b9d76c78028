"""The one error a person is meant to read, and the one sentence for a disk that is full, wherever it is met."""

import errno
import re
import shutil
from contextlib import suppress
from pathlib import Path

NO_SPACE = re.compile(
    r"^(?:\S+: )*(?:OSError: )?\[Errno 28\]"
    r"|^(?:Caused by: )?java\.\S+Exception: .*No space left on device"
    r"|\(HY000\): .*(?:errno:?|error) 28\b"
    r"|^database or disk is full",
    re.MULTILINE,
)
"""As Python, Java, MySQL and SQLite say it; a value in a record may use the same words."""
OF_MYSQL = re.compile(r"\b\d{1,4} \(HY000\)")
MYSQL_FULL = re.compile(r"\b(?:1114|1021) \(HY000\)")
"""Its own words are "The table … is full" for the first; the second waits until there is room."""
SPARE_BYTES = 1 << 27
"""With less than that a broker that has met the end of its disk finds no room for its next segment."""


class Refused(Exception):  # noqa: N818 - it names what happened to the person's request
    """The request cannot be carried out. The message is one sentence: what, where, and how to mend it.

    Commands print the message alone and exit 1; a traceback would only hide it.
    """


def disk_full(machine: str) -> str:
    """The sentence of a machine without room on its disk."""
    return (
        f"The disk of the {machine} machine is full: make room there, `vagrant ssh {machine} -c 'df -h'` shows where;"
        " what waits goes on by itself, nothing is lost."
    )


def disk_full_of(message: str, here: str) -> str | None:
    """The sentence, where an error's text tells of a full disk: that of MySQL's machine, else of the machine `here`."""
    if MYSQL_FULL.search(message):
        return disk_full("mysql")
    if not NO_SPACE.search(message):
        return None
    return disk_full("mysql" if OF_MYSQL.search(message) else here)


def is_disk_full(error: OSError) -> bool:
    """Whether an operation found no room, or no more than its user may take."""
    return error.errno in {errno.ENOSPC, errno.EDQUOT}


def has_no_room(folder: Path) -> bool:
    """Whether the disk under a folder of this machine has next to nothing left; False where there is no such folder."""
    with suppress(OSError):
        return shutil.disk_usage(folder).free < SPARE_BYTES
    return False
