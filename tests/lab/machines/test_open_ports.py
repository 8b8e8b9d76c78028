"""The table of docs/security.md: from each machine and from the host, exactly the ports it names take a connection."""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from instruments.tools import wait_until
from lab.host import remote
from lab.observe.services import MACHINES
from millrace.settings import Lab, load_lab
from tests.lab.machines.test_listeners import LOOPBACK, SECONDS, SSH, TCP, answers, listeners
from tests.open_ports import PEOPLE, open_ports

NOTEBOOK, MORE_PAGES = 8888, range(4041, 4051)
"""Where nothing need wait: JupyterLab's port, and those of the applications beside the first."""
NO_LINE = 4051
DOORS = {NOTEBOOK, MORE_PAGES[0], MORE_PAGES[-1], NO_LINE}
"""Ports of spark at which a test listens itself; no line of the table has the last one."""
DOORMAN = "millrace-test-doors"
LISTEN = """
import errno, socket, sys, time
held = []
for port in sys.argv[2:]:
    try:
        held.append(socket.create_server((sys.argv[1], int(port))))
    except OSError as error:
        # Whoever is there already serves as well.
        if error.errno != errno.EADDRINUSE:
            raise
time.sleep(600)
"""


def allowed(target: str, caller: str) -> set[int]:
    """The ports of a machine that somebody may come to, by the table."""
    return {port for row in open_ports() if row.machine == target and caller in row.callers for port in row.ports}


def heard(target: str) -> set[int]:
    """The ports of a machine at which something waits for connections, on the lab's network."""
    own = {port for address, port in listeners(target, TCP) if not LOOPBACK.match(address)}
    assert own >= allowed(target, PEOPLE) - {NOTEBOOK, *MORE_PAGES}
    return own - set(MORE_PAGES)


def reached(caller: str, address: str, ports: set[int]) -> set[int]:
    """Those of the ports that let a machine in; firewall and kernel refuse the others at once."""
    numbers = " ".join(map(str, ports))
    knock = f"timeout {SECONDS} bash -c ': < /dev/tcp/{address}/'$port 2> /dev/null"
    probe = f"for port in {numbers}; do {knock} && echo $port; done; true"
    return set(map(int, remote.run(caller, probe, timeout=180).split()))


def refused(machine: str) -> int:
    """Packets that a machine's firewall has counted as refused."""
    listed = json.loads(remote.run(machine, "sudo nft --json list chain inet millrace refuse"))["nftables"]
    parts = (part for entry in listed if "rule" in entry for part in entry["rule"]["expr"])
    (packets,) = (part["counter"]["packets"] for part in parts if "counter" in part)
    return int(packets)


class Link(NamedTuple):
    """A network that a machine is in: its device there, its addresses, and those of IPv6 that count on it alone."""

    device: str
    ipv4: set[str]
    ipv6: set[str]
    link_local: set[str]


def links(machine: str) -> list[Link]:
    """All of them, the lab's among them."""
    shown = json.loads(remote.run(machine, "ip -json address show up"))
    found = [
        Link(one["ifname"], local(one, "inet"), local(one, "inet6"), local(one, "inet6", "link"))
        for one in shown
        if one and one["link_type"] != "loopback"
    ]
    assert any(load_lab().address(machine) in link.ipv4 for link in found), shown
    return found


def local(shown: dict[str, Any], family: str, scope: str = "global") -> set[str]:
    """The machine's own addresses of that kind, of what ip shows of a device."""
    return {each["local"] for each in shown["addr_info"] if (each["family"], each["scope"]) == (family, scope)}


def ways(target: str, caller: str) -> dict[str, str]:
    """A machine's addresses beside the lab's: as another writes them, and as it does itself."""
    own = set().union(*(link.ipv4 for link in links(caller)))
    found: dict[str, str] = {}
    # VirtualBox gives each machine a network of its own, and all of them the same address there.
    for link in (link for link in links(target) if not link.ipv4 & own):
        found |= {address: address for address in (link.ipv4 | link.ipv6) - {load_lab().address(target)}}
        if link.link_local and link.ipv4:
            route = f"ip -4 -oneline route get {min(link.ipv4)} | grep -oP 'dev \\K\\S+'"
            device = remote.run(caller, route).strip()
            found |= {f"{address}%{device}": f"{address}%{link.device}" for address in link.link_local}
    return found


def test_the_table_names_every_machine() -> None:
    assert {row.machine for row in open_ports()} == set(MACHINES)


@pytest.mark.parametrize("target", MACHINES)
def test_other_machines_reach_what_the_table_says(lab: Lab, target: str) -> None:
    ports = heard(target)
    assert SSH in ports
    for caller in set(MACHINES) - {target}:
        before, is_open = refused(target), allowed(target, caller) & ports
        assert reached(caller, lab.address(target), ports) == is_open, caller
        assert refused(target) >= before + len(ports - is_open), "what was refused is counted"


@pytest.mark.parametrize("target", MACHINES)
def test_people_reach_what_the_table_says(lab: Lab, target: str) -> None:
    ports = heard(target)
    address = lab.address(target)
    assert {port for port in ports if answers(address, port)} == allowed(target, PEOPLE) & ports | {SSH}


@pytest.fixture
def doors(lab: Lab) -> Iterator[None]:
    """Something waits at each of the doors."""
    words = [LISTEN, lab.address("spark"), *map(str, sorted(DOORS))]
    run = ["sudo", "systemd-run", "--quiet", "--collect", f"--unit={DOORMAN}", "python3", "-P", "-c", *words]
    try:
        remote.run("spark", run)
        wait_until(lambda: {port for _, port in listeners("spark", TCP)} >= DOORS, "something waits at each door")
        yield
    finally:
        remote.run("spark", f"sudo systemctl stop {DOORMAN} || true")


@pytest.mark.usefixtures("doors")
def test_where_nothing_waits_by_itself_the_table_counts_too(lab: Lab) -> None:
    address, before = lab.address("spark"), refused("spark")
    assert {port for port in DOORS if answers(address, port)} == allowed("spark", PEOPLE) & DOORS == DOORS - {NO_LINE}
    for caller in set(MACHINES) - {"spark"}:
        assert reached(caller, address, DOORS) == allowed("spark", caller) & DOORS, caller
    assert refused("spark") >= before + 1 + len(DOORS) * (len(MACHINES) - 1), "what was refused is counted"


@pytest.mark.parametrize("target", MACHINES)
def test_no_way_leads_to_another_machines_ssh(lab: Lab, target: str) -> None:
    """Not by the network that Vagrant made beside the lab's, and not by IPv6."""
    callers = set(MACHINES) - {target}
    tried = [(caller, *way) for caller in sorted(callers) for way in ways(target, caller).items()]
    if not tried:
        pytest.skip(f"{target} has no address beside the lab's but such as the other machines have, too")
    assert {caller for caller, *_ in tried} == callers
    for caller, address, own in tried:
        assert reached(target, own, {SSH}) == {SSH}, f"{own} is no way to {target}'s ssh"
        assert reached(caller, address, {SSH}) == set(), f"{caller} gets in by {address}"
