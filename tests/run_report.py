"""What a long run says while it goes on: where it stands, what failed and why; at its end, how long each test took."""

import json
import signal
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from lab.code_checks.tally import RunEvent
from lab.location import state_folder
from millrace.lock import in_turn
from millrace.whole_file import write_whole

KEPT = "test-durations.json"


class Progress:
    """Before each file: how many tests are done, and how long the rest took last time. A failure is told at once."""

    def __init__(self, terminal: pytest.TerminalReporter, took: dict[str, float]) -> None:
        self.terminal = terminal
        self.took = took
        self.left: list[pytest.Item] = []
        self.total = 0
        self.file = ""

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.left, self.total = list(session.items), len(session.items)

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        file = nodeid.partition("::")[0]
        if file != self.file:
            self.file = file
            self.terminal.write_line(f"\n{file}: {self.total - len(self.left)} of {self.total} done{self.remaining()}")
        self.left = [item for item in self.left if item.nodeid != nodeid]

    def remaining(self) -> str:
        """What is left, in minutes, as the last runs had it; nothing where there was none."""
        seconds = sum(self.took.get(item.nodeid, 0.0) for item in self.left)
        return f", some {max(1, round(seconds / 60))} min to go" if seconds else ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            where = f"{report.nodeid} failed after {report.duration:.0f} s in {report.when}"
            self.terminal.write_line(f"\n{where}: {_why(report)}")


class Durations:
    """How many seconds each test took at its last run, set-up and end included, kept for all runs of a checkout."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.took = self._read()
        self.now: dict[str, float] = {}

    def _read(self) -> dict[str, float]:
        found: dict[str, float] = json.loads(self.file.read_text()) if self.file.is_file() else {}
        return found

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.now[report.nodeid] = self.now.get(report.nodeid, 0.0) + report.duration

    def pytest_sessionfinish(self) -> None:
        now = {name: round(seconds, 3) for name, seconds in self.now.items()}
        with in_turn(self.file.parent):  # another run beside this one may end now, and its times stay
            kept = dict(sorted((self._read() | now).items()))
            write_whole(self.file, json.dumps(kept, indent=0))


class EventFile:
    """Writes each event as it comes, for the command that runs these tests: lab/code_checks/tally.py adds them up."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def write(self, event: RunEvent) -> None:
        with self.file.open("ab") as file:
            file.write(orjson.dumps(event) + b"\n")

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.write(RunEvent(total=len(session.items)))

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        self.write(RunEvent(total=len(ids)))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.write(RunEvent(0, report.nodeid, report.when, report.outcome, report.duration, _why(report)))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if not report.passed:
            self.write(RunEvent(0, report.nodeid, "collect", report.outcome, 0.0, _why(report)))


def _why(report: pytest.TestReport | pytest.CollectReport) -> str:
    """Why something was skipped or failed; nothing for what passed."""
    if report.passed:
        return ""
    if isinstance(report.longrepr, tuple):
        return report.longrepr[2].removeprefix("Skipped: ")
    crash = getattr(report.longrepr, "reprcrash", None)
    why = crash.message if crash else str(report.longrepr)
    return why.encode(errors="backslashreplace").decode()  # a lone surrogate has no JSON


def register(config: pytest.Config) -> Callable[[RunEvent], None]:
    """Adds what this run needs; returns how something is told to who runs it, which nobody hears in a run by hand.

    A worker of a run in several processes tells nothing itself.
    """
    if hasattr(config, "workerinput"):
        return _nobody_hears
    durations = Durations(state_folder() / KEPT)
    config.pluginmanager.register(durations)
    terminal = config.pluginmanager.get_plugin("terminalreporter")
    if not config.getoption("numprocesses", None):
        config.pluginmanager.register(Progress(terminal, durations.took))
    if not (file := config.getoption("events")):
        return _nobody_hears
    # Who runs the tests may interrupt them; a shell's background process has the signal ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    events = EventFile(Path(file))
    config.pluginmanager.register(events)
    return events.write


def _nobody_hears(event: RunEvent) -> None:
    pass
