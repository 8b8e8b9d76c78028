"""Whatever is killed in the midst of a load, the tables, rollups and quarantine end as in an undisturbed run."""

from collections.abc import Callable
from pathlib import Path

import pytest

from instruments.failpoints import DEADLINE
from instruments.stream import AFTER_PENDING, POINTS
from instruments.tools import wait_until
from lab.host import remote
from millrace.settings import Lab
from tests.faults.drill import FEED, Drill, Outcome, Report

SCRATCH = "/var/lib/spark/work/app-* /var/lib/spark/scratch/stream/* /var/lib/spark/scratch/worker/*"
SECOND_COPY = (
    "sudo systemd-run --quiet --pipe --wait --collect --uid=spark -p EnvironmentFile=/etc/spark/environment "
    "-p LoadCredential=millrace-stream.env:/etc/millrace/millrace-stream.env "
    "/usr/local/sbin/millrace-stream 2>&1; echo exit $?"
)


@pytest.mark.parametrize(
    "points",
    [
        pytest.param(("before_commit",), id="once"),
        pytest.param((AFTER_PENDING, "before_commit", "after_commit"), id="thrice", marks=pytest.mark.full),
    ],
)
def test_the_application_killed(
    drill: Drill, expect: Callable[[Drill], Outcome], file: Path, points: tuple[str, ...]
) -> None:
    """Each start goes on from what the one before left, and meets the next point."""
    expected, epoch = expect(drill), drill.epoch
    for point in points:
        POINTS.arm(point)

    def disturb() -> None:
        for point in points:
            POINTS.wait_until_struck(point)
        wait_until(lambda: drill.epoch == epoch + len(points), "another application has taken over", DEADLINE)

    assert drill.run(file, disturb) == expected


@pytest.mark.parametrize(
    "kill",
    [
        pytest.param(Drill.kill_application, id="application", marks=pytest.mark.full),
        pytest.param(Drill.kill_executor, id="executor"),
    ],
)
def test_killed_during_load_data(
    drill: Drill, expect: Callable[[Drill], Outcome], file: Path, kill: Callable[[Drill], None]
) -> None:
    expected = expect(drill)

    def disturb() -> None:
        row.wait_until_met()
        kill(drill)
        row.release()

    with drill.locked_row(file) as row:
        assert drill.run(file, disturb) == expected


@pytest.mark.full
def test_the_working_directory_deleted(drill: Drill, expect: Callable[[Drill], Outcome], file: Path) -> None:
    expected, epoch = expect(drill), drill.epoch

    def disturb() -> None:
        POINTS.wait_until_struck(AFTER_PENDING)
        gone = f"rm -rf {SCRATCH} /var/lib/millrace/checkpoints; kill -9 {drill.executor}"
        remote.run("spark", ["sudo", "sh", "-c", gone])
        POINTS.release(AFTER_PENDING)
        wait_until(lambda: drill.epoch > epoch, "it has started anew, with folders of its own", DEADLINE)

    POINTS.arm(AFTER_PENDING, "hold")
    assert drill.run(file, disturb) == expected


@pytest.mark.parametrize(
    "how",
    [
        pytest.param("systemctl restart", id="restart", marks=pytest.mark.full),
        pytest.param("systemctl kill --kill-whom=main --signal=KILL", id="kill"),
    ],
)
def test_mysql_restarted(
    drill: Drill, expect: Callable[[Drill], Outcome], file: Path, how: str, record_property: Report
) -> None:
    """While a task has loaded its rows and not committed them."""
    expected, epoch = expect(drill), drill.epoch

    def disturb() -> None:
        POINTS.wait_until_struck("during_load")
        started = drill.mysql_started
        remote.run("mysql", f"sudo {how} mysql", timeout=120)
        wait_until(lambda: drill.mysql_started > started, "MySQL answers again", DEADLINE)
        POINTS.release("during_load")
        record_property("recovery_seconds", drill.seconds_until_landed(file))

    POINTS.arm("during_load", "hold")
    assert drill.run(file, disturb) == expected
    assert drill.epoch == epoch, "the application went on"


@pytest.mark.full
def test_mysql_killed_during_load_data(
    drill: Drill, expect: Callable[[Drill], Outcome], file: Path, record_property: Report
) -> None:
    expected, epoch = expect(drill), drill.epoch

    def disturb() -> None:
        row.wait_until_met()
        started = drill.mysql_started
        remote.run("mysql", "sudo systemctl kill --kill-whom=main --signal=KILL mysql", timeout=120)
        wait_until(lambda: drill.mysql_started > started, "MySQL answers again", DEADLINE)
        record_property("recovery_seconds", drill.seconds_until_landed(file))

    with drill.locked_row(file) as row:
        assert drill.run(file, disturb) == expected
    assert drill.epoch == epoch, "the application went on"


@pytest.mark.parametrize("mysql_restarts", [False, pytest.param(True, marks=pytest.mark.full)])
def test_a_second_copy_refuses(drill: Drill, armed: Lab, mysql_restarts: bool) -> None:
    """Also where MySQL has just closed the first copy's connections, and perhaps not heard of it since."""
    owner = "SELECT CONCAT(epoch, owner) FROM pipeline_app WHERE app = 'millrace-stream'"
    before = drill.one(owner)
    if mysql_restarts:
        remote.run("mysql", ["sudo", "systemctl", "restart", "mysql"], timeout=120)
    said = remote.run("spark", SECOND_COPY, timeout=120).strip().splitlines()
    assert said[-1] == "exit 1"
    assert any(
        "millrace-stream is already running as spark:" in line and "stop that one first" in line for line in said
    )
    assert drill.one(owner) == before
    wait_until(lambda: drill.runs(FEED), "the first copy goes on", DEADLINE)
