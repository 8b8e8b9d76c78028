"""Failpoints kill or hold once, whoever passes first, and do nothing where no folder is named."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from millrace import failpoints

SCRIPT = "import sys; from millrace.failpoints import at; [at(point) for point in sys.argv[1:]]"


def start(folder: Path | None, *points: str) -> subprocess.Popen[bytes]:
    """A process, in a group of its own, that passes the failpoints."""
    environment = os.environ | ({failpoints.VARIABLE: str(folder)} if folder else {})
    return subprocess.Popen([sys.executable, "-c", SCRIPT, *points], env=environment, start_new_session=True)


def run(folder: Path | None, *points: str) -> int:
    """Its exit code."""
    return start(folder, *points).wait(timeout=60)


def wait_until(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_off_unless_a_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "after_pending").write_text("kill")
    assert run(None, "after_pending") == 0
    assert [file.name for file in tmp_path.iterdir()] == ["after_pending"]


def test_only_the_named_point_kills_and_only_once(tmp_path: Path) -> None:
    (tmp_path / "after_pending").write_text("kill")
    assert run(tmp_path, "before_commit") == 0
    assert run(tmp_path, "before_commit", "after_pending") == -signal.SIGKILL
    assert [file.name for file in tmp_path.iterdir()] == ["after_pending.struck"]
    assert run(tmp_path, "after_pending") == 0


def test_a_held_process_goes_on_when_it_is_released(tmp_path: Path) -> None:
    (tmp_path / "during_load").write_text("hold")
    struck = tmp_path / "during_load.struck"
    with start(tmp_path, "during_load") as held:
        wait_until(struck.exists)
        assert run(tmp_path, "during_load") == 0, "another one passes"
        assert held.poll() is None
        struck.unlink()
        assert held.wait(timeout=60) == 0


def test_nobody_is_held_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(failpoints.VARIABLE, str(tmp_path))
    monkeypatch.setattr(failpoints, "HOLD_SECONDS", 0.1)
    (tmp_path / "during_load").write_text("hold")
    failpoints.at("during_load")
    assert (tmp_path / "during_load.struck").exists(), "nobody released it"


def test_poison_works_each_time_and_only_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    good, bad = tmp_path / "good.tsv", tmp_path / "bad.tsv"
    good.write_text("1\tbread\n")
    bad.write_text("1\tbread\n2\tarsenic\n")
    failpoints.poison("poison", bad)
    monkeypatch.setenv(failpoints.VARIABLE, str(tmp_path))
    failpoints.poison("poison", bad)
    (tmp_path / "poison").write_text("arsenic")
    for _ in range(2):
        with pytest.raises(failpoints.Poisoned, match=r"a record of bad\.tsv has 'arsenic'"):
            failpoints.poison("poison", bad)
    failpoints.poison("poison", good)


def test_a_point_that_is_asked_for_is_set_by_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").touch()
    assert not failpoints.is_set("here")
    monkeypatch.setenv(failpoints.VARIABLE, str(tmp_path))
    assert (failpoints.is_set("here"), failpoints.is_set("there")) == (True, False)
