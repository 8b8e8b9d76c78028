"""Machines and services may start in any order: those that need the others first, and each machine last once."""

import subprocess
from collections.abc import Callable
from functools import partial

import orjson
import pytest

from instruments.tools import millrace, wait_until
from lab.host import remote
from lab.location import CHECKOUT
from lab.observe.access import answers
from lab.observe.services import MACHINES, SERVICES
from millrace.settings import Lab

ORDERS = [
    ("spark", "superset", "kafka", "mysql"),
    ("superset", "spark", "mysql", "kafka"),
    ("mysql", "kafka", "superset", "spark"),
    ("kafka", "mysql", "spark", "superset"),
]
DEADLINE = 240
VAGRANT_SECONDS = 600
COMMITTED = "SELECT COUNT(*) FROM v_insurance_network"


def vagrant(*arguments: str) -> None:
    """Runs Vagrant in this checkout; fails with what it said."""
    command = ["vagrant", *arguments]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, timeout=VAGRANT_SECONDS, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def units_of(machine: str) -> list[str]:
    """What is on the machine at all times."""
    return [service.unit for service in SERVICES if service.machine == machine and service.unit != "millrace-demo"]


def systemctl(verb: str, machine: str) -> None:
    """Of all of the machine's services at once; they are waited for elsewhere."""
    units = units_of(machine)
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


def has_begun(machine: str) -> bool:
    """Whether systemd has begun with each of the machine's services, which may wait for others."""
    states = remote.run(machine, ["systemctl", "show", "--value", "--property=ActiveState", *units_of(machine)]).split()
    return "inactive" not in states


def heard(lab: Lab, *machines: str) -> set[str]:
    """The services of these machines that take connections."""
    services = (service for service in SERVICES if service.machine in machines and service.port)
    return {service.unit for service in services if answers(lab.address(service.machine), service.port)}


@pytest.mark.full
@pytest.mark.timeout(8 * DEADLINE)
@pytest.mark.parametrize("order", ORDERS, ids="-".join)
def test_services_come_back_whichever_start_first(lab: Lab, order: tuple[str, ...]) -> None:
    def stop() -> None:
        for machine in reversed(MACHINES):
            systemctl("stop", machine)

    def start() -> None:
        first, then = order[:2], order[2:]
        for machine in first:
            systemctl("start", machine)
            wait_until(partial(has_begun, machine), f"the services of {machine} have begun", DEADLINE)
        if "spark" in first:
            of_spark = {"spark-master", "spark-worker"}
            wait_until(lambda: heard(lab, "spark") == of_spark, "Spark's master and worker answer", DEADLINE)
            waits = "systemctl show --value --property=ActiveState,SubState millrace-stream"
            assert remote.run("spark", waits).split() == ["active", "running"], "the stream waits for the others"
        assert heard(lab, *then) == set()
        for machine in then:
            systemctl("start", machine)
            wait_until(partial(has_begun, machine), f"the services of {machine} have begun", DEADLINE)

    check_that_all_comes_back(stop, start)


@pytest.mark.full
@pytest.mark.timeout(4 * VAGRANT_SECONDS + DEADLINE + 60)
@pytest.mark.parametrize("order", ORDERS, ids="-".join)
def test_lab_comes_back_whichever_machine_starts_first(lab: Lab, order: tuple[str, ...]) -> None:
    def start() -> None:
        vagrant("up", "--no-provision", *order[:2])
        vagrant("up", "--no-provision", order[2])
        vagrant("up", "--no-provision", order[3])

    check_that_all_comes_back(lambda: vagrant("halt", *MACHINES), start)
