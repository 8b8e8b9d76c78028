"""What tests tell while they run: seen at any moment, the end of the run where nothing more is to be learnt."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lab.code_checks import parallel_steps
from lab.code_checks.parallel_steps import Steps
from lab.code_checks.step import Step
from lab.location import CHECKOUT

pytestmark = pytest.mark.host
REPORT = """
import json, pathlib, sys, time
def report(**what):
    with open(sys.argv[-1].removeprefix("--events="), "a") as file:
        file.write(json.dumps(what) + chr(10))
def wait_for(name):
    while not pathlib.Path(name).exists():
        time.sleep(0.01)
def fail(*tests):
    for test in tests:
        report(test=test, when="call", outcome="failed", why="no")
"""
TESTS = """
import pytest
@pytest.fixture
def broken(): raise ValueError("no set-up")
def test_good(): pass
def test_bad(): assert 1 == 2, "why it is bad"
def test_broken(broken): pass
def test_without_data(): pytest.skip("the real file ../shared/data/a.csv is not here")
@pytest.mark.parametrize("n", [1, 2])
def test_without_ruby(n): pytest.skip("no ruby")
"""
CONFTEST = """
from pathlib import Path
from tests import run_report
from tests.conftest import pytest_addoption, pytest_sessionstart
run_report.state_folder = lambda: Path(__file__).parent
"""


def reporting(title: str, script: str, **how: object) -> Step:
    return Step(title, [sys.executable, "-c", REPORT + script], has_tests=True, **how)  # type: ignore[arg-type]


class Screen:
    """The moving lines: keeps how each task is described, and makes a file once one says what is waited for."""

    def __init__(self, awaited: str, file: Path) -> None:
        self.awaited, self.file = awaited, file

    def add_task(self, *_: object, **__: object) -> int:
        return 0

    def update(self, _: int, description: str = "", **__: object) -> None:
        if self.awaited in description:
            self.file.touch()


def test_the_moving_line_says_which_step_of_how_many_which_test_and_what_is_left(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The step waits for it, and would run for ever without."""

    @contextmanager
    def spinner() -> Iterator[Screen]:
        yield Screen("step 1 of 2:[/] tests · 1 of 1,234 tests · steps to go: 2", state / "seen")

    monkeypatch.setattr(parallel_steps, "spinner", spinner)
    script = "report(total=1234); report(test='a', when='teardown', outcome='passed'); wait_for('seen')"
    assert Steps([reporting("tests", script), Step("other", ["true"])]).run()


def test_where_nobody_sees_moving_lines_it_is_said_now_and_then(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def watched(line: str) -> None:
        if line == "[bold]step 1 of 1:[/] tests · 0 of 7 tests; steps to go: 1":
            (state / "seen").touch()

    monkeypatch.setattr(parallel_steps, "say", watched)
    monkeypatch.setattr(parallel_steps, "SAY_SECONDS", 0)
    assert Steps([reporting("tests", "report(total=7); wait_for('seen')")]).run()


@pytest.mark.usefixtures("heeds_ctrl_c")
def test_after_so_many_failures_of_all_steps_the_run_ends(capsys: pytest.CaptureFixture[str]) -> None:
    steps = [
        reporting("one", "fail('a', 'b'); wait_for('ever')"),
        reporting("two", "fail('c'); wait_for('ever')"),
        reporting("drills", "", behind=["one", "two"]),
    ]
    run = Steps(steps, most_failures=3)
    assert not run.run(lanes=2)
    assert [step.title for step in run.begun] == ["one", "two"]
    run.summarise()
    err = capsys.readouterr().err
    assert err.startswith("✗ The run ends, as 3 tests have failed.\n")
    assert "✗ c failed in two: no\n" in err
    assert err.endswith("Not run, or not to the end: one, two, drills.\n✗ The run ends, as 3 tests have failed.\n")


def test_without_a_bound_failures_end_nothing() -> None:
    run = Steps([reporting("one", "fail('a', 'b', 'c', 'd', 'e', 'f')"), Step("two", ["true"])])
    assert run.run()
    assert [step.title for step in run.begun] == ["one", "two"]


@pytest.mark.usefixtures("heeds_ctrl_c")
def test_a_lab_that_is_unhealthy_ends_the_run_and_who_found_it_says_its_say(
    state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    last = "try:\n    wait_for('ever')\nexcept KeyboardInterrupt:\n    pathlib.Path('ended').touch()\n    raise"
    steps = [
        reporting("finder", "report(unhealthy='MySQL is away.'); wait_for('ended'); raise SystemExit(2)"),
        reporting("other", last),
        reporting("drills", "", behind=["finder", "other"]),
    ]
    run = Steps(steps, most_failures=5)
    assert not run.run(lanes=2)
    run.summarise()
    err = capsys.readouterr().err
    assert err.endswith(
        "✗ Not run, or not to the end: other, drills.\n✗ Failed: finder. What is wrong stands above.\n"
        "✗ The run ends, as the lab is unhealthy: MySQL is away.\n"
    )


@pytest.mark.parametrize("beside", [[], ["--numprocesses", "2", "--dist", "loadfile"]])
def test_what_pytest_tells_is_summed_up_at_the_end(
    state: Path, beside: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    (state / "test_some.py").write_text(TESTS)
    (state / "conftest.py").write_text(CONFTEST)
    command = [sys.executable, "-m", "pytest", "--rootdir", str(state), "-c", "/dev/null", "-p", "no:cacheprovider"]
    environment = {"PYTHONPATH": str(CHECKOUT), "MILLRACE_NEED_LAB": ""}
    run = Steps([Step("some", [*command, *beside, str(state)], environment, prefix="some: ", has_tests=True)])
    assert not run.run()
    capsys.readouterr()
    run.summarise(slowest=20)
    said = capsys.readouterr()
    lines = said.out.splitlines()
    assert lines[0] == "── what came of it"
    assert lines[1].startswith("✗ some ") and lines[1].endswith(" s; 1 passed, 2 failed, 3 skipped")
    assert lines[2] == "The slowest tests:"
    assert len([line for line in lines if " s  test_some.py::test_" in line]) == 6
    assert lines[-2:] == [
        "Skipped, 1 tests: the real data are not in ../shared/data.",
        "Skipped, 2 tests: no ruby",
    ]
    assert "✗ test_some.py::test_bad failed in some: AssertionError: why it is bad\n" in said.err
    assert "✗ test_some.py::test_broken failed in some: ValueError: no set-up\n" in said.err
    assert said.err.endswith("✗ Failed: some. What is wrong stands above.\n")
