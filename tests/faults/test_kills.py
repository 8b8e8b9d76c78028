"""Whatever is killed in the midst of a load, the tables, rollups and quarantine end as in an undisturbed run."""

from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest

from feeds.settings import Lab
from lab import remote
from lab.access import answers
from tests.faults.drill import DEADLINE, Drill, Outcome, drill_file
from tests.lab.tools import wait_until

EXECUTOR = "pgrep -of [C]oarseGrainedExecutorBackend"
APPLICATION = "systemctl show --value --property MainPID millrace-stream"
SECOND_COPY = (
    "sudo systemd-run --quiet --pipe --wait --collect --uid=spark -p EnvironmentFile=/etc/spark/environment "
    "-p EnvironmentFile=/etc/millrace/millrace-stream.env /usr/local/sbin/millrace-stream 2>&1; echo exit $?"
)


@pytest.fixture(scope="module")
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


@pytest.mark.parametrize("point", ["after_pending", "before_commit", "after_commit"])
def test_the_application_killed(drill: Drill, expect: Callable[[Drill], Outcome], file: Path, point: str) -> None:
    expected = expect(drill)
    drill.arm(point)
    assert drill.run(file) == expected
    assert drill.has_struck(point)


@pytest.mark.parametrize("victim", [APPLICATION, EXECUTOR], ids=["application", "executor"])
def test_killed_during_load_data(drill: Drill, expect: Callable[[Drill], Outcome], file: Path, victim: str) -> None:
    expected = expect(drill)
    drill.arm("during_load", remote.run("spark", victim).split()[0])
    assert drill.run(file) == expected
    assert drill.has_struck("during_load")


def test_the_working_directory_deleted(drill: Drill, expect: Callable[[Drill], Outcome], file: Path) -> None:
    expected = expect(drill)

    def disturb() -> None:
        wait_until(drill.is_pending, "a load begins", DEADLINE)
        gone = "/var/lib/spark/work/app-* /var/lib/spark/tmp/spark-* /var/lib/spark/tmp/blockmgr-*"
        remote.run("spark", f"sudo sh -c 'rm -rf {gone} /var/lib/millrace/checkpoints; kill -9 $({EXECUTOR})'")

    assert drill.run(file, disturb) == expected


def test_mysql_restarted(drill: Drill, expect: Callable[[Drill], Outcome], file: Path) -> None:
    expected = expect(drill)

    def disturb() -> None:
        wait_until(drill.is_pending, "a load begins", DEADLINE)
        remote.run("mysql", ["sudo", "systemctl", "restart", "mysql"], timeout=120)
        wait_until(lambda: answers(drill.lab.address("mysql"), 3306), "MySQL answers again", DEADLINE)

    assert drill.run(file, disturb) == expected


def test_a_second_copy_refuses(drill: Drill, armed: Lab) -> None:
    owner = "SELECT CONCAT(epoch, owner) FROM pipeline_app WHERE app = 'millrace-stream'"
    before = drill.one(owner)
    said = remote.run("spark", SECOND_COPY, timeout=120).strip().splitlines()
    assert said[-1] == "exit 1"
    assert any(
        "millrace-stream is already running as spark:" in line and "stop that one first" in line for line in said
    )
    assert drill.one(owner) == before
    wait_until(drill.is_idle, "the first copy goes on", DEADLINE)
