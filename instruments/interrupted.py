"""Ctrl-C while a running lab is changed: what was changed is put back first, and a second one does not stop that."""

import signal
from collections.abc import Callable
from contextlib import suppress
from types import FrameType

from lab.cli import EXIT_STOPPED
from lab.host.program import SIGNALS, heeded
from lab.screen.output import complain

STOPPED = "Stopped: what was changed on the lab is put back."
_asked: list[int] = []


def ended_in_order(main: Callable[[], int]) -> int:
    """Runs it; its exit code. The first Ctrl-C, SIGTERM or hang-up ends it as an exception does, no later one does."""
    _asked.clear()
    for number in heeded():
        signal.signal(number, _stop)
    try:
        return main()
    except KeyboardInterrupt:
        return EXIT_STOPPED


def go_on_ending() -> None:
    """Raises KeyboardInterrupt once more where it was asked for: a browser that was stopped too fails meanwhile."""
    if _asked:
        raise KeyboardInterrupt


def _stop(number: int, _frame: FrameType | None) -> None:
    _asked.append(number)
    for each in SIGNALS:
        signal.signal(each, signal.SIG_IGN)
    with suppress(OSError, RuntimeError):  # the terminal has gone, or another line is just being written
        complain(STOPPED)
    raise KeyboardInterrupt
