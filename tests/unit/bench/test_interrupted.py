"""`make bench` and `make drill` that are stopped put the lab back, however often and by whom they are told to stop."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from instruments import interrupted
from instruments.interrupted import go_on_ending
from lab.location import CHECKOUT

pytestmark = pytest.mark.host
COMMAND = """
import sys
from pathlib import Path
from lab.host import program
program.CHECKOUT = Path(sys.argv[1])
sys.exit(program.run_program("changing", ["put back"]))
"""
# Longer than subprocess.run would wait for it.
CHANGING = """
import sys, time
from pathlib import Path
from instruments.interrupted import ended_in_order

def main():
    Path("changed").touch()
    try:
        while not Path("done").exists():
            time.sleep(0.01)
    finally:
        Path("ending").touch()
        time.sleep(1)
        Path(sys.argv[1]).touch()
    return 0

sys.exit(ended_in_order(main))
"""


def wait_until(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.01)


def to_all(process: "subprocess.Popen[str]") -> None:
    """As Ctrl-C at a terminal does."""
    os.killpg(process.pid, signal.SIGINT)


def to_command(process: "subprocess.Popen[str]") -> None:
    """As make does, and whoever kills it."""
    process.terminate()


@contextmanager
def changing(folder: Path, *before: str) -> Iterator["subprocess.Popen[str]"]:
    """A command at work, which has changed something."""
    (folder / "changing.py").write_text(CHANGING)
    environment = os.environ | {"PYTHONPATH": str(CHECKOUT)}
    command = [*before, sys.executable, "-c", COMMAND, str(folder)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=environment, stderr=pipe, text=True, start_new_session=True) as process:
        wait_until((folder / "changed").exists)
        yield process


@pytest.mark.parametrize("stop", [to_all, to_command])
def test_what_was_changed_is_put_back(tmp_path: Path, stop: Callable[["subprocess.Popen[str]"], None]) -> None:
    with changing(tmp_path) as process:
        stop(process)
        wait_until((tmp_path / "ending").exists)
        stop(process)
        said = process.communicate(timeout=60)[1]
    assert (tmp_path / "put back").exists()
    assert (process.returncode, said) == (interrupted.EXIT_STOPPED, f"✗ {interrupted.STOPPED}\n")


def test_who_has_it_run_on_without_a_terminal_is_heeded(tmp_path: Path) -> None:
    with changing(tmp_path, "nohup") as process:
        os.killpg(process.pid, signal.SIGHUP)
        (tmp_path / "done").touch()
        said = process.communicate(timeout=60)[1]
    assert (process.returncode, interrupted.STOPPED in said) == (0, False)


def test_a_failure_that_hides_the_stop_does_not_undo_it(monkeypatch: pytest.MonkeyPatch) -> None:
    go_on_ending()
    monkeypatch.setattr(interrupted, "_asked", [signal.SIGINT])
    with pytest.raises(KeyboardInterrupt):
        go_on_ending()
