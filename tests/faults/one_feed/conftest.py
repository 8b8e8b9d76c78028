"""The running lab, quiet: nothing trickles in, and the streaming application runs one feed and looks for failpoints.

So it stays to the end of the run, since it takes a minute to make and to take back: these drills come last.
"""

import json
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import yaml

from instruments.failpoints import DEADLINE, PRODUCERS, heeded, resting
from instruments.own_feed import landing
from instruments.stream import POINTS
from instruments.tools import wait_until
from lab.host import remote
from millrace.lab_files import INSTALLED
from millrace.settings import Lab
from tests.faults.drill import FEED, Drill, Outcome, drill_file

ONE_FEED = "/run/millrace-drill.yml"


@pytest.fixture(scope="session")
def quiet(lab: Lab) -> Iterator[Lab]:
    """Nothing trickles in while the drills run: a failpoint must meet the feed that is drilled."""
    with resting("kafka", *PRODUCERS):
        yield lab


@pytest.fixture(scope="session")
def armed(quiet: Lab, own_feed: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """The application looks for failpoints, and runs the drilled feed alone: it starts in half the time.

    `make status` and those who send know of no other feed either: what waits in the others' topics is no trouble.
    """
    one_feed = json.dumps(yaml.safe_load(remote.run("spark", ["cat", str(INSTALLED)])) | {"feeds": [FEED]})
    remote.run("spark", f"echo {shlex.quote(one_feed)} | sudo tee {ONE_FEED}")
    here = tmp_path_factory.mktemp("lab") / "lab.yml"
    here.write_text(one_feed, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch, landing():
        patch.setenv("MILLRACE_LAB", str(here))
        with heeded(POINTS, "millrace-stream.service", f"MILLRACE_LAB={ONE_FEED}"):
            _restart(Drill(quiet))
            yield quiet
    _restart(Drill(quiet))
    remote.run("spark", ["sudo", "rm", ONE_FEED])
    wait_until(lambda: Drill(quiet).runs(*quiet.feeds), "every feed runs as before", DEADLINE)


@pytest.fixture
def drill(armed: Lab) -> Iterator[Drill]:
    """A drill that begins with the feed running, and everything loaded."""
    made = Drill(armed)
    wait_until(made.is_owned, "the application holds its lease", DEADLINE)
    wait_until(lambda: made.runs(FEED), "the feed runs and has loaded its topic", DEADLINE)
    yield made
    POINTS.clear()


@pytest.fixture(scope="session")
def expect(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Drill], Outcome]:
    """The outcome of the same records when nothing happens, found once."""
    found: list[Outcome] = []

    def outcome(drill: Drill) -> Outcome:
        if not found:
            found.append(drill.run(drill_file(tmp_path_factory.mktemp("calm"), f"calm-{uuid4().hex[:8]}")))
        return found[0]

    return outcome


@pytest.fixture
def file(tmp_path: Path, nonce: str) -> Path:
    """The records to be sent while something is broken."""
    return drill_file(tmp_path, nonce)


def _restart(drill: Drill) -> None:
    """Returns when the new application has taken over, and what the ledger says of feeds is its word."""
    before = drill.epoch
    remote.run("spark", "sudo systemctl restart millrace-stream", timeout=120)
    wait_until(lambda: drill.epoch > before, "the application has started", DEADLINE)
