"""Machines and services may start in any order: here those that need the others come first."""

import subprocess
from collections.abc import Callable

import orjson
import pytest

from lab.host import remote
from lab.location import CHECKOUT
from lab.observe.access import answers
from lab.observe.services import MACHINES, SERVICES
from millrace.settings import Lab
from tests.lab.tools import millrace, wait_until

FIRST, THEN = ("spark", "superset"), ("kafka", "mysql")
DEADLINE = 240
COMMITTED = "SELECT COUNT(*) FROM v_insurance_network"


def vagrant(*arguments: str) -> None:
    """Runs Vagrant in this checkout; fails with what it said."""
    command = ["vagrant", *arguments]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def systemctl(verb: str, machine: str) -> None:
    """Of all of the machine's services at once; they are waited for elsewhere."""
    units = [service.unit for service in SERVICES if service.machine == machine and service.unit != "millrace-demo"]
    blocking = [] if verb == "stop" else ["--no-block"]
    remote.run(machine, ["sudo", "systemctl", verb, *blocking, *units], timeout=120)


def problems() -> set[str]:
    """What `make status` finds wrong."""
    return set(orjson.loads(millrace("status", "--json").out)["problems"])


def check_that_all_comes_back(stop: Callable[[], None], start: Callable[[], None]) -> None:
    """Nothing is wrong afterwards that was not before, and the rows are those of before."""
    known, before = problems(), millrace("sql", "--", COMMITTED).out
    stop()
    start()
    wait_until(lambda: problems() <= known, f"`make status` finds no more than {sorted(known) or 'nothing'}", DEADLINE)
    assert millrace("sql", "--", COMMITTED).out == before


@pytest.mark.full
def test_services_come_back_whichever_start_first(lab: Lab) -> None:
    def stop() -> None:
        for machine in reversed(MACHINES):
            systemctl("stop", machine)

    def start() -> None:
        for machine in FIRST:
            systemctl("start", machine)
        spark = lab.address("spark")
        wait_until(lambda: answers(spark, 8080) and answers(spark, 8081), "Spark's master and worker answer", DEADLINE)
        waits = "systemctl show --value --property=ActiveState,SubState millrace-stream"
        assert remote.run("spark", waits).split() == ["active", "running"], "the stream waits for the others"
        assert not answers(lab.address("kafka"), 9092) and not answers(lab.address("mysql"), 3306)
        for machine in THEN:
            systemctl("start", machine)

    check_that_all_comes_back(stop, start)


@pytest.mark.full
@pytest.mark.timeout(1200)
def test_lab_comes_back_whichever_machine_starts_first(lab: Lab) -> None:
    def start() -> None:
        vagrant("up", "--no-provision", *FIRST)
        vagrant("up", "--no-provision", *THEN)

    check_that_all_comes_back(lambda: vagrant("halt", *MACHINES), start)
