"""Failpoints kill once, whom the file names, and do nothing where no folder is named."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from spark import failpoints

SCRIPT = (
    "import sys, time; from spark.failpoints import at; at(sys.argv[1], in_flight=len(sys.argv) > 2); time.sleep({})"
)


def run(point: str, folder: Path | None, *more: str, seconds: float = 0) -> int:
    """The exit code of a process that passes the failpoint."""
    environment = os.environ | ({failpoints.VARIABLE: str(folder)} if folder else {})
    command = [sys.executable, "-c", SCRIPT.format(seconds), point, *more]
    return subprocess.run(command, env=environment, start_new_session=True, timeout=30, check=False).returncode


def test_off_unless_a_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "after_pending").touch()
    assert run("after_pending", None) == 0
    assert (tmp_path / "after_pending").exists()


def test_only_the_named_point_kills_and_only_once(tmp_path: Path) -> None:
    (tmp_path / "after_pending").touch()
    assert run("before_commit", tmp_path) == 0
    assert run("after_pending", tmp_path) == -signal.SIGKILL
    assert run("after_pending", tmp_path) == 0


def test_in_flight_strikes_a_moment_later(tmp_path: Path) -> None:
    (tmp_path / "during_load").touch()
    assert run("during_load", tmp_path, "in flight", seconds=20) == -signal.SIGKILL


def test_the_file_may_name_another_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as victim:
        (tmp_path / "during_load").write_text(str(victim.pid))
        monkeypatch.setenv(failpoints.VARIABLE, str(tmp_path))
        failpoints.at("during_load")
        assert victim.wait(timeout=10) == -signal.SIGKILL
