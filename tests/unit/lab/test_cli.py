"""The command line itself: every command loads, an unknown one is told the nearest, Make and it know the same names."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lab.cli import COMMANDS, app
from lab.commands import events
from lab.location import CHECKOUT


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_loads_and_explains_itself(command: str) -> None:
    shown = CliRunner().invoke(app, [command, "--help"])
    assert shown.exit_code == 0
    assert f"Usage: millrace {command}" in shown.output


@pytest.mark.parametrize("given", ["", " ", "x", "1;ls", "$(ls)", "1.5", "1e3", "0", "-3"])
@pytest.mark.parametrize(
    "command",
    [
        ["quarantine", "--limit"],
        ["events", "--limit"],
        ["peek", "sales", "--count"],
        ["logs", "--lines"],
        ["bench", "--times"],
        ["bench", "--rows"],
        ["bench", "--seconds"],
    ],
    ids=" ".join,
)
def test_what_must_be_a_number_is_one_or_refused(command: list[str], given: str) -> None:
    shown = CliRunner().invoke(app, [*command, given])
    assert shown.exit_code == 2
    assert f"Invalid value for '{command[-1]}'" in shown.output


def test_the_help_lists_every_command_and_the_exit_codes() -> None:
    shown = CliRunner().invoke(app, ["--help"])
    assert shown.exit_code == 0
    assert all(re.search(rf"│ {command} ", shown.output) for command in COMMANDS)
    assert "130 stopped by Ctrl-C" in shown.output


def test_an_unknown_command_is_told_the_nearest() -> None:
    shown = CliRunner().invoke(app, ["stat"])
    assert shown.exit_code == 2
    assert "There is no command 'stat'; did you mean status?" in shown.output


@pytest.mark.parametrize("named", [True, False])
def test_a_file_of_another_user_is_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, named: bool) -> None:
    def fail() -> None:
        raise PermissionError(13, "Permission denied", *([str(tmp_path / "none" / "secrets.yml")] if named else []))

    monkeypatch.setattr(events, "settings", fail)
    shown = CliRunner().invoke(app, ["events"])
    owner = tmp_path.owner()
    file = tmp_path / "none" / "secrets.yml"
    sentence = f"You may not use {file}, which belongs to {owner}: run the command as {owner}."
    assert (shown.exit_code, shown.stderr) == (1, f"✗ {sentence if named else '[Errno 13] Permission denied'}\n")


def test_every_command_of_the_makefile_exists() -> None:
    called = set(re.findall(r"\$\(LAB\) ([a-z-]+)", (CHECKOUT / "Makefile").read_text()))
    assert called <= set(COMMANDS)
