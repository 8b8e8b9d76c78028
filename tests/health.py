"""Whether the lab is still whole after a test has failed on it: on a broken one, more failures tell nothing new."""

import time
from collections.abc import Callable

import pytest

from lab.code_checks.tally import RunEvent
from lab.observe.access import settings
from lab.observe.status import collect
from millrace.errors import Refused
from millrace.settings import load_lab

DEADLINE_SECONDS = 240
"""What a drill that failed has broken, the services mend by themselves meanwhile."""


class Health:
    """After a test that failed the lab is looked at once; where it stays unhealthy, the run ends with that sentence.

    It is told to who runs these tests too: those of other steps end with them.
    """

    def __init__(self, report: Callable[[RunEvent], None]) -> None:
        self.report = report
        self.failed = False

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.failed |= report.failed

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_teardown(self, item: pytest.Item, nextitem: pytest.Item | None) -> None:
        if self.failed and nextitem is not None:
            self.failed = False
            if wrong := what_stays_wrong():
                item.session.shouldstop = f"the lab is unhealthy: {wrong}"
                self.report(RunEvent(unhealthy=wrong))


def what_stays_wrong() -> str | None:
    """The first thing that `make status` still finds wrong at the deadline; None once it finds nothing."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while problems := problems_now():
        if time.monotonic() > deadline:
            return problems[0]
        time.sleep(2)
    return None


def problems_now() -> list[str]:
    """What `make status` finds wrong."""
    try:
        return list(collect(load_lab(), settings()).problems)
    except Refused as refusal:
        return [str(refusal)]
