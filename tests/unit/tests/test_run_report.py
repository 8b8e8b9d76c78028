"""What a run of tests keeps and says of itself, and when it ends because the lab is broken."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lab.code_checks.tally import RunEvent
from tests import health
from tests.run_report import Durations, Progress


class Terminal:
    """Keeps what is written."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def write_line(self, line: str) -> None:
        self.lines.append(line)


def item(nodeid: str) -> Any:
    return SimpleNamespace(nodeid=nodeid)


def report(nodeid: str, duration: float) -> Any:
    return SimpleNamespace(nodeid=nodeid, duration=duration, failed=False)


def test_before_each_file_a_run_says_what_is_done_and_what_is_left() -> None:
    terminal: Any = Terminal()
    progress = Progress(terminal, {"a.py::one": 60.0, "b.py::two": 120.0})
    tests = [item("a.py::one"), item("b.py::two"), item("b.py::three")]
    progress.pytest_collection_finish(SimpleNamespace(items=tests))  # type: ignore[arg-type]
    for test in tests:
        progress.pytest_runtest_logstart(test.nodeid)
    assert terminal.lines == ["\na.py: 0 of 3 done, some 3 min to go", "\nb.py: 1 of 3 done, some 2 min to go"]


def test_durations_are_added_up_and_outlive_runs_of_other_tests(tmp_path: Path) -> None:
    file = tmp_path / "kept.json"
    for name, seconds in (("a.py::one", (0.5, 1.0)), ("b.py::two", (3.0,)), ("a.py::one", (0.25,))):
        durations = Durations(file)
        for each in seconds:
            durations.pytest_runtest_logreport(report(name, each))
        durations.pytest_sessionfinish()
    assert json.loads(file.read_text()) == {"a.py::one": 0.25, "b.py::two": 3.0}
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize(("found", "stop"), [(["MySQL is away."], "the lab is unhealthy: MySQL is away."), ([], None)])
def test_after_a_failure_a_broken_lab_ends_the_run_and_is_told(
    monkeypatch: pytest.MonkeyPatch, found: list[str], stop: str | None
) -> None:
    monkeypatch.setattr(health, "problems_now", lambda: found)
    monkeypatch.setattr(health, "DEADLINE_SECONDS", -1)
    session = SimpleNamespace(shouldstop=None)
    test: Any = SimpleNamespace(session=session)
    events: list[RunEvent] = []
    watch = health.Health(events.append)
    watch.pytest_runtest_teardown(test, test)
    assert session.shouldstop is None
    failed: Any = SimpleNamespace(failed=True)
    watch.pytest_runtest_logreport(failed)
    watch.pytest_runtest_teardown(test, test)
    assert session.shouldstop == stop
    assert [one.unhealthy for one in events] == found
