"""The table of docs/security.md: from each machine and from the host, exactly the ports it names take a connection."""

import re

import pytest

from lab.host import remote
from lab.location import CHECKOUT
from lab.observe.services import MACHINES
from millrace.settings import Lab
from tests.lab.machines.test_listeners import LOOPBACK, SSH, answers, listeners

PAGE = (CHECKOUT / "docs" / "security.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| (\w+) \| (\d+) \| [^|]+ \| ([\w, ]+) \|$", re.MULTILINE)
PEOPLE = "people"
MORE_PAGES = range(4041, 4051)
"""Of the applications beside the first, where there are any."""


def allowed(target: str, caller: str) -> set[int]:
    """The ports of a machine that somebody may come to, by the table."""
    return {
        int(port) for machine, port, callers in ROW.findall(PAGE) if machine == target and caller in callers.split(", ")
    }


def heard(lab: Lab, target: str) -> set[int]:
    """The ports of a machine at which something waits for connections, on the lab's network."""
    own = {port for address, port in listeners(target) if not LOOPBACK.match(address)}
    assert own >= {port for port in allowed(target, PEOPLE) if port != 8888}
    return own - set(MORE_PAGES)


def reached(lab: Lab, caller: str, target: str, ports: set[int]) -> set[int]:
    """Those of the ports that let a machine in."""
    address = lab.address(target)
    numbers = " ".join(map(str, ports))
    knock = f"timeout 3 bash -c ': < /dev/tcp/{address}/'$port 2> /dev/null"
    probe = f"for port in {numbers}; do {knock} && echo $port; done; true"
    return set(map(int, remote.run(caller, probe, timeout=180).split()))


def test_the_table_names_every_machine() -> None:
    assert {machine for machine, *_ in ROW.findall(PAGE)} == set(MACHINES)


@pytest.mark.parametrize("target", MACHINES)
def test_other_machines_reach_what_the_table_says(lab: Lab, target: str) -> None:
    ports = heard(lab, target)
    assert SSH in ports
    for caller in set(MACHINES) - {target}:
        assert reached(lab, caller, target, ports) == allowed(target, caller) & ports, caller


@pytest.mark.parametrize("target", MACHINES)
def test_people_reach_what_the_table_says(lab: Lab, target: str) -> None:
    ports = heard(lab, target) - {SSH}
    address = lab.address(target)
    assert {port for port in ports if answers(address, port)} == allowed(target, PEOPLE) & ports
