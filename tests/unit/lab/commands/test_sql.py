"""`make sql`: where a statement ends, and one row per line whatever stands in it."""

from io import StringIO

import pytest

from lab.commands.sql import field, sql, statements
from millrace.errors import Refused


def test_values_stay_on_one_line() -> None:
    assert [field(value) for value in (None, 17, "a\tb\nc\\N", "naïve 🩺", b"\xff\x00", "")] == [
        "NULL",
        "17",
        r"a\tb\nc\\N",
        "naïve 🩺",
        r"\\xff\0",
        "",
    ]


def test_a_statement_ends_with_a_semicolon_at_a_lines_end() -> None:
    assert list(statements(StringIO("select 1;\nselect ';x'\n  from t;\n"))) == [
        "select 1;\n",
        "select ';x'\n  from t;\n",
    ]


def test_the_last_statement_needs_none() -> None:
    assert list(statements(StringIO("select 1"))) == ["select 1"]


def test_no_query_at_a_terminal_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr("sys.stdin", terminal)
    with pytest.raises(Refused, match=r"Which query\? `make sql Q=.* or `make sql < file\.sql`"):
        sql(None)
