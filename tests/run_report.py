"""What a long run says while it goes on: where it stands, what failed and why; at its end, how long each test took."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.location import state_folder

DATA = "../shared/"
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
            crash = getattr(report.longrepr, "reprcrash", None)
            message = crash.message if crash else str(report.longrepr)
            where = f"{report.nodeid} failed after {report.duration:.0f} s in {report.when}"
            self.terminal.write_line(f"\n{where}: {message}")


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
        # Another run beside this one may have ended meanwhile.
        now = {name: round(seconds, 3) for name, seconds in self.now.items()}
        kept = dict(sorted((self._read() | now).items()))
        fresh = self.file.with_suffix(f".{time.time_ns()}")
        fresh.write_text(json.dumps(kept, indent=0))
        fresh.replace(self.file)


class Skips:
    """One line on what was not tested because the real data are not here."""

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        count = sum(1 for reason in _reasons(terminalreporter) if DATA in reason)
        if count:
            terminalreporter.write_line(f"{count} tests were skipped because real data are not in {DATA}data.")


def _reasons(terminal: pytest.TerminalReporter) -> Iterator[str]:
    for report in terminal.stats.get("skipped", []):
        yield report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)


def register(config: pytest.Config) -> None:
    """Adds what this run needs: a worker of a run in several processes tells nothing itself."""
    if hasattr(config, "workerinput"):
        return
    durations = Durations(state_folder() / KEPT)
    config.pluginmanager.register(durations)
    config.pluginmanager.register(Skips())
    terminal = config.pluginmanager.get_plugin("terminalreporter")
    if not config.getoption("numprocesses", None):
        config.pluginmanager.register(Progress(terminal, durations.took))
