"""Processor time, as the kernel keeps it per process."""

import subprocess
import sys

import pytest

from bench import processor_time

pytestmark = pytest.mark.host

BUSY = "import time\nwhile time.process_time() < 0.2: pass\nprint('done', flush=True)\ninput()"


@pytest.mark.parametrize("name", ["java", "a b", "tmux: (1) S"])
def test_a_line_is_read_whatever_the_process_is_called(name: str) -> None:
    line = f"17 ({name}) S 1 17 9 0 -1 4194560 1 2 3 4 150 50 25 75 20 0 1 0 100 200"
    assert processor_time.seconds([line, line]) == 6.0


def test_what_a_command_and_its_children_have_had_is_told_while_they_live() -> None:
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {BUSY!r}])"
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", parent], start_new_session=True, **pipes) as process:  # type: ignore[call-overload]
        assert process.stdout.readline() == b"done\n"
        assert processor_time.of_session(process.pid) >= 0.15
        process.stdin.close()
    assert processor_time.of_session(process.pid) == 0


def test_of_a_machine_what_is_new_since_then_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter([100, 100, 100, 100, 300, 100, 100, 150])
    monkeypatch.setattr(
        processor_time.remote, "run", lambda *_: f"1 (init) S 0 1 1 0 -1 0 0 0 0 0 {next(ticks)} 0 0 0 20\n"
    )
    before = processor_time.of_machines()
    assert list(processor_time.since(before).values()) == [2.0, 0.0, 0.0, 0.5]
