"""What hostile values do to a terminal: nothing."""

import orjson
import pytest

from lab.commands import sql
from lab.screen.output import cell, complain, print_json, say, table, warn

HOSTILE = "a\x1b[2Jb\x1b]0;title\x07\rc\x9bd\x7f\u202ee"
WRITTEN_OUT = r"a\x1b[2Jb\x1b]0;title\x07\x0dc\x9bd\x7f\u202ee"


def test_control_characters_are_written_out(capsys: pytest.CaptureFixture[str]) -> None:
    say(f"said {HOSTILE}")
    complain(f"complained {HOSTILE}")
    warn(f"warned {HOSTILE}")
    table("", ["value"], [[HOSTILE]])
    out, err = capsys.readouterr()
    assert f"said {WRITTEN_OUT}" in out
    assert f"complained {WRITTEN_OUT}" in err
    assert f"warned {WRITTEN_OUT}" in err
    assert WRITTEN_OUT in out.splitlines()[-1]
    assert not {"\x1b", "\x07", "\x9b", "\r", "\u202e"} & {*out, *err}


def test_a_document_is_the_same_and_moves_no_cursor(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"a": HOSTILE})
    out = capsys.readouterr().out
    assert orjson.loads(out) == {"a": HOSTILE}
    assert not {"\x1b", "\x07", "\x9b", "\x7f"} & {*out}


def test_lines_tabs_and_letters_stay() -> None:
    assert cell("Zürich\t東京\nสวัสดี 🚕") == "Zürich\t東京\nสวัสดี 🚕"


@pytest.mark.parametrize(("at_terminal", "shown"), [(True, r"\x1b[2J"), (False, "\x1b[2J")])
def test_a_script_gets_the_value_as_it_is(monkeypatch: pytest.MonkeyPatch, at_terminal: bool, shown: str) -> None:
    monkeypatch.setattr(sql, "is_terminal", lambda: at_terminal)
    assert sql.field("\x1b[2J") == shown
