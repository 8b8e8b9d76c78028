"""The running lab, quiet: nothing trickles in, and the streaming application heeds failpoints."""

from collections.abc import Iterator

import pytest

from feeds.settings import Lab
from lab import remote
from tests.faults.drill import POINTS, Drill
from tests.lab.conftest import lab, nonce  # noqa: F401 - the same fixtures
from tests.lab.failpoints import DEADLINE, heeded, resting
from tests.lab.tools import wait_until

PRODUCERS = ("millrace-simulate@*.service", "millrace-poll@*.service")


@pytest.fixture(scope="module")
def quiet(lab: Lab) -> Iterator[Lab]:  # noqa: F811
    """Nothing trickles in while the drills run: a failpoint must meet the feed that is drilled."""
    with resting("kafka", *PRODUCERS):
        yield lab


@pytest.fixture(scope="module")
def armed(quiet: Lab) -> Iterator[Lab]:
    """The application looks for failpoints; afterwards it runs as it did before."""
    with heeded(POINTS, "millrace-stream.service"):
        _restart()
        yield quiet
    _restart()
    wait_until(Drill(quiet).is_idle, "every feed runs as before", DEADLINE)


@pytest.fixture
def drill(armed: Lab) -> Iterator[Drill]:
    """A drill that begins with everything loaded and every feed running."""
    made = Drill(armed)
    wait_until(made.is_idle, "every feed runs and has loaded its topic", DEADLINE)
    yield made
    POINTS.clear()


def _restart() -> None:
    remote.run("spark", "sudo systemctl restart millrace-stream", timeout=120)
