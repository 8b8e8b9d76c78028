"""`make sql` on the running lab."""

import shlex
import subprocess
import sys

import pytest

from instruments.tools import millrace
from lab.location import CHECKOUT
from millrace.settings import Lab


def test_sql_prints_a_header_and_tab_separated_rows(lab: Lab) -> None:
    run = millrace("sql", "SELECT 1 AS one, NULL AS nothing, 'a\tb' AS text;")
    assert (run.code, run.out) == (0, "one\tnothing\ttext\n1\tNULL\ta\\tb\n")


def test_sql_answers_each_of_several_statements(lab: Lab) -> None:
    run = millrace("sql", "SELECT 1 AS a; SET @b = 2; SELECT @b AS b")
    assert (run.code, run.out, run.err) == (0, "a\n1\nb\n2\n", "")


def test_whoever_has_read_enough_of_sql_s_rows_is_told_nothing(lab: Lab) -> None:
    hundred = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)"
    million = f"{hundred} SELECT a.i FROM n AS a, n AS b, n AS c"
    command = shlex.join([sys.executable, "-m", "lab", "sql", million])
    done = subprocess.run(
        ["bash", "-c", f"{command} | head -2; echo ${{PIPESTATUS[0]}}"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("i\n1\n0\n", "")


def test_a_query_that_takes_too_long_is_ended_by_mysql(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lab.commands.sql.MOST_SECONDS", 1)
    run = millrace(
        "sql",
        "SELECT COUNT(*) FROM information_schema.columns a, information_schema.columns b, information_schema.columns c",
    )
    assert (run.code, run.out) == (1, "")
    assert run.err.startswith("✗ MySQL refused the query: 3024")


def test_sql_may_only_read(lab: Lab) -> None:
    run = millrace("sql", "DELETE FROM insurance_network")
    assert run.code == 1
    assert run.err.startswith("✗ MySQL refused the query: 1142 (42000): DELETE command denied to user")


def test_sql_tells_what_is_wrong_with_a_query(lab: Lab) -> None:
    run = millrace("sql", "SELECT nothing FROM insurance_network")
    assert (run.code, run.err) == (
        1,
        "✗ MySQL refused the query: 1054 (42S22): Unknown column 'nothing' in 'field list'\n",
    )
