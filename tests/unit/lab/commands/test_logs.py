"""`make logs`: each line as it comes, and none of them moves a cursor or turns the direction of writing."""

import io
import sys
from pathlib import Path

import pytest
import typer

from lab.commands import logs
from lab.host import remote
from lab.observe.services import MACHINES

LINE = "a \x1b]0;title\x07b \x1b[2J\x1b[31mred\rc \u202ed \x9be\té [bold]"
SHOWN = "a \\x1b]0;title\\x07b \\x1b[2J\\x1b[31mred\\x0dc \\u202ed \\x9be\té [bold]"

pytestmark = pytest.mark.host


@pytest.fixture
def scripts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder; what is asked of a machine runs `script` in it instead."""
    monkeypatch.setattr(remote, "command", lambda *_: ["sh", str(tmp_path / "script"), str(tmp_path)])
    (tmp_path / "line").write_text(LINE, encoding="utf-8")
    return tmp_path


def logged(scripts: Path, script: str, *, follow: bool = True) -> int:
    """The exit code of the command, where the machine runs the script."""
    (scripts / "script").write_text(f'cd "$1"; {script}')
    with pytest.raises(typer.Exit) as ended:
        logs.logs(service="kafka", follow=follow, lines=10)
    return ended.value.exit_code


@pytest.mark.parametrize("follow", [True, False])
def test_control_characters_are_written_out(scripts: Path, capsys: pytest.CaptureFixture[str], *, follow: bool) -> None:
    assert logged(scripts, "cat line; echo; cat line >&2", follow=follow) == 0
    assert capsys.readouterr() == (f"{SHOWN}\n", SHOWN)


def test_they_are_in_the_last_lines_of_all_services_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(remote, "run", lambda *_: f"{LINE}\n")
    with pytest.raises(typer.Exit) as ended:
        logs.logs(lines=10)
    assert ended.value.exit_code == 0
    assert capsys.readouterr().out == "".join(f"── {machine} ──\n{SHOWN}\n" for machine in MACHINES)


class Watched(io.StringIO):
    """A screen that makes a file as soon as something stands on it."""

    def __init__(self, seen: Path) -> None:
        super().__init__()
        self.seen = seen

    def flush(self) -> None:
        super().flush()
        if self.getvalue():
            self.seen.touch()


def test_a_line_is_printed_when_it_comes(scripts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Watched(scripts / "seen")
    monkeypatch.setattr(sys, "stdout", screen)
    assert logged(scripts, "echo one; until [ -e seen ]; do sleep 0.01; done; echo two") == 0
    assert screen.getvalue() == "one\ntwo\n"


def test_what_fails_there_fails_here(scripts: Path) -> None:
    assert logged(scripts, "exit 3") == 1


def test_ctrl_c_ends_it_without_a_word(
    scripts: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdout", Watched(scripts / "seen"))
    shown = "echo one; until [ -e seen ]; do sleep 0.01; done"
    assert logged(scripts, f"echo $$ > pid; {shown}; kill -INT $PPID; exec sleep 600") == 1
    assert capsys.readouterr().err == ""
    assert not Path("/proc", (scripts / "pid").read_text().strip()).exists(), "what ran there has ended"
