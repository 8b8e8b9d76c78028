"""The table of docs/security.md: from each machine and from the host, exactly the ports it names take a connection."""

import json

import pytest

from lab.host import remote
from lab.observe.services import MACHINES
from millrace.settings import Lab, load_lab
from tests.lab.machines.test_listeners import LOOPBACK, SECONDS, SSH, answers, listeners, management_address
from tests.open_ports import PEOPLE, open_ports

MORE_PAGES = range(4041, 4051)
"""Of the applications beside the first, where there are any."""


def allowed(target: str, caller: str) -> set[int]:
    """The ports of a machine that somebody may come to, by the table."""
    return {
        port for row in open_ports() if row.machine == target and caller in row.callers for port in row.ports
    } - set(MORE_PAGES)


def heard(target: str) -> set[int]:
    """The ports of a machine at which something waits for connections, on the lab's network."""
    own = {port for address, port in listeners(target) if not LOOPBACK.match(address)}
    assert own >= {port for port in allowed(target, PEOPLE) if port != 8888}
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


def link_local_addresses(machine: str, caller: str) -> list[str]:
    """IPv6's on the lab's network, as another machine writes them."""
    address = load_lab().address(machine)
    device = f"$(ip -4 -oneline addr show to {address} | awk '{{print $2}}')"
    shown = remote.run(machine, f"ip -6 -oneline addr show dev {device} scope link | awk '{{print $4}}'").split()
    out = remote.run(caller, f"ip -4 -oneline route get {address} | grep -oP 'dev \\K\\S+'").strip()
    return [f"{found.partition('/')[0]}%{out}" for found in shown]


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
    ports = heard(target) - {SSH}
    address = lab.address(target)
    assert {port for port in ports if answers(address, port)} == allowed(target, PEOPLE) & ports


@pytest.mark.parametrize("target", MACHINES)
def test_no_way_leads_to_another_machines_ssh(lab: Lab, target: str) -> None:
    """Not by the network that Vagrant made beside the lab's, and not by IPv6."""
    caller = "mysql" if target == "kafka" else "kafka"
    for address in (management_address(target), *link_local_addresses(target, caller)):
        assert reached(caller, address, {SSH}) == set(), address
