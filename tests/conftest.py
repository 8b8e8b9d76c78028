"""A long run says at once which test failed and why; the whole trace comes at the end, as always."""

import pytest


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
