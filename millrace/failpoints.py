"""Where a test may kill a process, or make it wait. Off unless MILLRACE_FAILPOINTS names a folder.

A file there, named after a point, is for the first process that passes the point, and holds what is to happen to it:
`kill`, to it and its group, which in the driver is the whole application; or `hold`. Then the file is called
<point>.struck; a process that is held goes on when that one is removed. At a point for poison the file stays, and holds
the text that makes a record poisonous; so does the file of a point that is only asked for.
"""

import os
import signal
from pathlib import Path
from typing import Literal

from millrace.waiting import ask_until

VARIABLE = "MILLRACE_FAILPOINTS"
HOLD_SECONDS = 300.0
"""A process is held no longer than this, should its test have ended without letting it go on."""
CHECK_SECONDS = 0.05

Order = Literal["kill", "hold"]


def at(point: str) -> None:
    """Does what the folder's file of that name says, once: of those who pass at the same time, to one."""
    folder = os.environ.get(VARIABLE)
    if not folder:
        return
    struck = Path(folder) / f"{point}.struck"
    try:
        (Path(folder) / point).rename(struck)
        order = struck.read_text()
    except FileNotFoundError:
        return
    if order == "kill":
        os.killpg(os.getpgrp(), signal.SIGKILL)
    _wait_until_gone(struck)


def is_set(point: str) -> bool:
    """Whether the folder has a file of that name."""
    folder = os.environ.get(VARIABLE)
    return bool(folder) and (Path(folder or "") / point).is_file()


class Poisoned(Exception):  # noqa: N818 - it says what the records are
    """A record has the text that a test has named."""


def poison(point: str, rows: Path) -> None:
    """Raises Poisoned, each time, where the file of rows has the text that the folder's file of that name holds."""
    folder = os.environ.get(VARIABLE)
    named = Path(folder) / point if folder else None
    if named and named.is_file() and named.read_bytes() in rows.read_bytes():
        raise Poisoned(f"a record of {rows.name} has {named.read_text()!r}")


def _wait_until_gone(file: Path) -> None:
    ask_until(file.exists, lambda is_there: not is_there, seconds=HOLD_SECONDS, pause=CHECK_SECONDS)
