"""Programs of the checkout that stand above `lab`: `make bench` and `make drill`, which change a running lab."""

import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from lab.location import CHECKOUT

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def heeded() -> list[signal.Signals]:
    """Those of the signals that are not ignored: `nohup`, and a shell that runs us behind a script, have decided so."""
    return [number for number in SIGNALS if signal.getsignal(number) != signal.SIG_IGN]


def run_program(package: str, arguments: Sequence[str]) -> int:
    """Runs it on our own terminal; its exit code. Who stops us stops it, and we wait until it has put the lab back."""
    with (
        subprocess.Popen([sys.executable, "-m", package, *arguments], cwd=CHECKOUT) as process,
        _passed_on(process),
    ):
        return process.wait()


@contextmanager
def _passed_on(process: "subprocess.Popen[bytes]") -> Iterator[None]:
    """What would end us is the process's; at a terminal Ctrl-C has reached it already, which it takes for one."""
    before = {number: signal.signal(number, lambda number, _frame: process.send_signal(number)) for number in heeded()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
