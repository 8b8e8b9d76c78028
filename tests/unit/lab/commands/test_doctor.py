"""How `make doctor` ends: with 1 where something is wrong, and with 0 where there is something to look at."""

import json

import pytest
import typer

from lab.commands import doctor as command
from lab.doctor.examination import Finding, State


@pytest.mark.parametrize("as_json", [False, True])
@pytest.mark.parametrize(
    ("states", "code"),
    [(["right"], 0), (["right", "warning"], 0), (["right", "wrong"], 1), (["wrong", "warning", "right"], 1)],
)
def test_it_ends_with_1_where_something_is_wrong(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], states: list[State], code: int, as_json: bool
) -> None:
    found = [
        Finding("Machines", f"it is {state}", state, ["why"] * (state != "right"), "mend it", True) for state in states
    ]
    monkeypatch.setattr(command, "examine", lambda _checks: found)
    ended = 0
    try:
        command.doctor(as_json)
    except typer.Exit as left:
        ended = left.exit_code
    assert ended == code
    printed = capsys.readouterr().out
    if as_json:
        assert json.loads(printed)["ok"] is (code == 0)
    assert all(f"it is {state}" in printed for state in states)
