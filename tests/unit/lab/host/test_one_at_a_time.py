"""One command at the machines: the second is refused and told of the first, whichever two they are."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lab.cli import app
from lab.commands import backup
from lab.host import boxes, destroy, one_at_a_time, up, vagrant

pytestmark = pytest.mark.host

HOLDER = """
import sys
from pathlib import Path
from lab.host import one_at_a_time
one_at_a_time.state_folder = lambda: Path(sys.argv[1])
with one_at_a_time.only("make up"):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def first(state: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[subprocess.Popen[str]]:
    """`make up`, at it in another process."""
    monkeypatch.setattr(one_at_a_time, "state_folder", lambda: state)
    command = [sys.executable, "-c", HOLDER, str(state)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        yield holder
        holder.kill()


@pytest.mark.parametrize(
    "command", [["up"], ["down"], ["destroy"], ["destroy", "--all"], ["boxes", "--provider", "lxc"]]
)
def test_a_second_command_is_refused_and_names_the_first(
    first: subprocess.Popen[str], monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    for module, function in ((up, "bring_up"), (vagrant, "run"), (destroy, "remove_own"), (boxes, "build")):
        monkeypatch.setattr(module, function, lambda *_, **__: pytest.fail("went on"))
    second = CliRunner().invoke(app, command)
    assert (second.exit_code, second.stdout) == (1, "")
    sentence = (
        rf"✗ `make up` \(process {first.pid}, since \d\d:\d\d\) is at the machines: wait until it is done, or .*\n"
    )
    assert re.fullmatch(sentence, second.stderr)


def test_a_restore_is_refused_before_it_unpacks(
    first: subprocess.Popen[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "millrace.tar"
    file.touch()
    monkeypatch.setattr(backup, "unpack", lambda *_: pytest.fail("went on"))
    second = CliRunner().invoke(app, ["restore", "--yes", "--", str(file)])
    assert (second.exit_code, second.stderr[:12]) == (1, "✗ `make up` ")


def test_the_first_may_be_gone_however_it_ended(first: subprocess.Popen[str], state: Path) -> None:
    first.kill()
    first.wait()
    with one_at_a_time.only("make down"):
        assert f"`make down` (process {os.getpid()}, " in (state / "machines.lock").read_text()
