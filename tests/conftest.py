"""What every run of tests has: its report and, on a lab, what the feeds said of a failure and if the lab is whole."""

import os
import subprocess
from collections.abc import Generator

import pytest
from hypothesis import HealthCheck, settings

from instruments.own_feed import own_feed, parcel  # noqa: F401 - fixtures of every test that has a lab
from lab.host import remote
from millrace.errors import Refused
from tests import run_report
from tests.health import Health

ON_LAB = bool(os.environ.get("MILLRACE_NEED_LAB"))
# Hypothesis fails an example that takes longer than 200 ms, or is made slowly, which on a shared machine says nothing.
settings.register_profile("shared machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared machine")
SAID = (
    "sudo journalctl --unit millrace-stream --output cat --since '-{seconds:.0f} s'"
    " | grep -E '^(INFO|WARNING|ERROR) ' | grep -vF ' loaded + ' | cut -c -200 | tail -20"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--events", metavar="FILE", help="for `make test`: a line of JSON for each thing that happens")


def pytest_sessionstart(session: pytest.Session) -> None:
    report = run_report.register(session.config)
    if ON_LAB:
        session.config.pluginmanager.register(Health(report))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that failed on a lab tells what became of the feeds meanwhile: afterwards nobody can ask."""
    report = yield
    if report.failed and ON_LAB:
        try:
            said = remote.run("spark", SAID.format(seconds=call.duration + 10))
        except (Refused, OSError, subprocess.SubprocessError) as error:
            said = str(error)
        report.sections.append(("what the feeds said", said or "Nothing."))
    return report
