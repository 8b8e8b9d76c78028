"""`make bench` and `make drill` that are stopped put the lab back, however often and by whom they are told to stop."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
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
        time.sleep(60)
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


@pytest.mark.parametrize("stop", [to_all, to_command])
def test_what_was_changed_is_put_back(tmp_path: Path, stop: Callable[["subprocess.Popen[str]"], None]) -> None:
    (tmp_path / "changing.py").write_text(CHANGING)
    environment = os.environ | {"PYTHONPATH": str(CHECKOUT)}
    command = [sys.executable, "-c", COMMAND, str(tmp_path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=environment, stderr=pipe, text=True, start_new_session=True) as process:
        wait_until((tmp_path / "changed").exists)
        stop(process)
        wait_until((tmp_path / "ending").exists)
        stop(process)
        said = process.communicate(timeout=60)[1]
    assert (tmp_path / "put back").exists()
    assert (process.returncode, said) == (interrupted.EXIT_STOPPED, f"✗ {interrupted.STOPPED}\n")


def test_a_failure_that_hides_the_stop_does_not_undo_it(monkeypatch: pytest.MonkeyPatch) -> None:
    go_on_ending()
    monkeypatch.setattr(interrupted, "_asked", [signal.SIGINT])
    with pytest.raises(KeyboardInterrupt):
        go_on_ending()
