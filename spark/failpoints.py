"""Where a test may kill a process. Off unless MILLRACE_FAILPOINTS names a folder."""

import os
import signal
from pathlib import Path
from threading import Timer

VARIABLE = "MILLRACE_FAILPOINTS"
IN_FLIGHT_SECONDS = 0.05


def at(point: str, in_flight: bool = False) -> None:
    """Where the folder holds a file named after the point: removes it, then kills (once) the process it names.

    The file holds a process id (negative: its whole group); empty means this process and its group, which is the
    whole application in the driver. `in_flight` strikes a moment later, in the midst of whatever comes next.
    """
    folder = os.environ.get(VARIABLE)
    if not folder:
        return
    file = Path(folder) / point
    try:
        victim = int(file.read_text() or -os.getpgrp())
        file.unlink()
    except FileNotFoundError:
        return
    if in_flight:
        Timer(IN_FLIGHT_SECONDS, os.kill, (victim, signal.SIGKILL)).start()
    else:
        os.kill(victim, signal.SIGKILL)
