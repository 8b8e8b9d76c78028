"""The running lab, quiet: nothing trickles in, and the streaming application heeds failpoints."""

from collections.abc import Iterator

import pytest

from feeds.settings import Lab
from lab import remote
from tests.faults.drill import DEADLINE, FAILPOINTS, Drill
from tests.lab.conftest import lab, nonce  # noqa: F401 - the same fixtures
from tests.lab.tools import wait_until

DROP_IN = "/run/systemd/system/millrace-stream.service.d/failpoints.conf"
PRODUCERS = ("millrace-simulate@*.service", "millrace-poll@*.service")


@pytest.fixture(scope="module")
def quiet(lab: Lab) -> Iterator[Lab]:  # noqa: F811
    """Nothing trickles in while the drills run: a failpoint must meet the feed that is drilled."""
    remote.run("kafka", ["sudo", "systemctl", "stop", *PRODUCERS])
    yield lab
    remote.run("kafka", ["sudo", "/usr/local/sbin/millrace-units"])


@pytest.fixture(scope="module")
def armed(quiet: Lab) -> Iterator[Lab]:
    """The application runs with a folder for failpoints; afterwards it runs as it did before."""
    remote.run("spark", ["sudo", "install", "-d", "-o", "spark", "-g", "spark", FAILPOINTS])
    line = f"Environment=MILLRACE_FAILPOINTS={FAILPOINTS}"
    remote.run("spark", f"sudo mkdir -p $(dirname {DROP_IN}) && printf '[Service]\\n{line}\\n' | sudo tee {DROP_IN}")
    _restart()
    yield quiet
    remote.run("spark", ["sudo", "rm", "-rf", DROP_IN, FAILPOINTS])
    _restart()


@pytest.fixture
def drill(armed: Lab) -> Iterator[Drill]:
    """A drill that begins with everything loaded and every feed running."""
    made = Drill(armed)
    wait_until(made.is_idle, "every feed runs and has loaded its topic", DEADLINE)
    yield made
    remote.run("spark", f"sudo sh -c 'rm -f {FAILPOINTS}/*'")


def _restart() -> None:
    remote.run("spark", "sudo systemctl daemon-reload && sudo systemctl restart millrace-stream", timeout=120)
