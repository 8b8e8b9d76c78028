"""A long run says at once which test failed and why; the whole trace comes at the end, with what the feeds said."""

import os
import subprocess
from collections.abc import Generator

import pytest

from feeds.errors import Refused
from lab import remote

SAID = (
    "sudo journalctl --unit millrace-stream --output cat --since '-{seconds:.0f} s'"
    " | grep -E '^(INFO|WARNING|ERROR) ' | grep -vF ' loaded + ' | cut -c -200 | tail -20"
)


class AtOnce:
    """Prints a failed test's name, duration in seconds and error as soon as it ends."""

    def __init__(self, terminal: pytest.TerminalReporter) -> None:
        self.terminal = terminal

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            crash = getattr(report.longrepr, "reprcrash", None)
            message = crash.message if crash else str(report.longrepr)
            where = f"{report.nodeid} failed after {report.duration:.0f} s in {report.when}"
            self.terminal.write_line(f"\n{where}: {message}")


def pytest_sessionstart(session: pytest.Session) -> None:
    plugins = session.config.pluginmanager
    plugins.register(AtOnce(plugins.get_plugin("terminalreporter")))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that failed on a lab tells what became of the feeds meanwhile: afterwards nobody can ask."""
    report = yield
    if report.failed and os.environ.get("MILLRACE_NEED_LAB"):
        try:
            said = remote.run("spark", SAID.format(seconds=call.duration + 10))
        except (Refused, OSError, subprocess.SubprocessError) as error:
            said = str(error)
        report.sections.append(("what the feeds said", said or "Nothing."))
    return report
