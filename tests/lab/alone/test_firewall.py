"""A host whose firewall forwards nothing, as Docker leaves it: the machines reach each other all the same."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from instruments.tools import wait_until
from lab.host import remote
from lab.host.boxes import as_root
from lab.host.destroy import output, remove_rules
from lab.location import CHECKOUT
from millrace.errors import Refused
from millrace.settings import Lab

ASKED = Path("/proc/sys/net/bridge/bridge-nf-call-iptables")
ALLOW = "require './vagrant/lab'; Millrace::LxcNetwork.new(Millrace.lab('.')).guard"


@pytest.fixture
def bridge(lab: Lab) -> str:
    """The lab's bridge; skips where machines are no neighbours on a bridge."""
    name = f"lab-{lab.subnet.replace('.', '-')}"
    if not Path("/sys/class/net", name).exists():
        pytest.skip("the lab's machines are not LXC's")
    return name


@pytest.fixture
def strict(bridge: str) -> Iterator[str]:
    """The lab's bridge on a host that forwards nothing and asks iptables about every frame; then as before."""
    if not ASKED.exists():
        pytest.skip("this kernel has no br_netfilter: its firewall never sees a bridge's frames")
    asked = ASKED.read_text().strip()
    policy = as_host("iptables", "--wait", "-S", "FORWARD").splitlines()[0].split()[-1]
    try:
        as_host("iptables", "--wait", "-P", "FORWARD", "DROP")
        ask_firewall("1")
        yield bridge
    finally:
        as_host("iptables", "--wait", "-P", "FORWARD", policy)
        ask_firewall(asked)
        allow()


def as_host(*command: str) -> str:
    """What a command prints that only root of this host may run."""
    return output([*as_root(), *command])


def ask_firewall(whether: str) -> None:
    as_host("sh", "-c", f"echo {whether} > {ASKED}")


def allow() -> None:
    """What `make up` does about the firewall."""
    subprocess.run(["ruby", "-e", ALLOW], cwd=CHECKOUT, check=True, timeout=60)


def reaches(lab: Lab, seconds: int = 30) -> bool:
    """Whether superset gets a connection to MySQL."""
    probe = f"timeout {seconds} bash -c ': < /dev/tcp/{lab.address('mysql')}/3306'"
    try:
        remote.run("superset", probe)
    except Refused:
        return False
    return True


@pytest.mark.full
def test_machines_reach_each_other_where_the_host_forwards_nothing(lab: Lab, strict: str) -> None:
    allow()
    assert reaches(lab)
    remove_rules(strict)
    assert not reaches(lab, 3), "without the rule nothing passes, or this test would prove nothing"
    allow()
    wait_until(lambda: reaches(lab), "superset reaches MySQL again")
    assert as_host("iptables", "--wait", "-S", "FORWARD").count(f"-A FORWARD -i {strict} -o {strict} ") == 1


@pytest.fixture
def outside(bridge: str) -> Iterator[str]:
    """A computer beside this host, whose way to the lab's network is through it."""
    name, ours, its = "millrace-outside", "198.51.100.1", "198.51.100.2"
    subnet = f"{bridge.removeprefix('lab-').replace('-', '.')}.0/24"
    try:
        as_host("ip", "netns", "add", name)
        as_host("ip", "link", "add", "mr-outside", "type", "veth", "peer", "name", "eth0", "netns", name)
        as_host("ip", "addr", "add", f"{ours}/30", "dev", "mr-outside")
        as_host("ip", "link", "set", "mr-outside", "up")
        as_host("ip", "-n", name, "addr", "add", f"{its}/30", "dev", "eth0")
        as_host("ip", "-n", name, "link", "set", "eth0", "up")
        as_host("ip", "-n", name, "route", "add", subnet, "via", ours)
        yield name
    finally:
        as_host("ip", "netns", "delete", name)


def dropped(bridge: str) -> int:
    """Packets from outside that the host has not forwarded to the lab."""
    rules = as_host("iptables", "--wait", "-vxnL", "FORWARD").splitlines()
    (rule,) = (words for words in map(str.split, rules) if words[2:3] == ["DROP"] and f"!{bridge}" in words)
    return int(rule[0])


def test_the_host_lets_nobody_in_from_outside(lab: Lab, bridge: str, outside: str) -> None:
    before = dropped(bridge)
    knock = f"timeout 3 bash -c ': < /dev/tcp/{lab.address('mysql')}/3306'"
    with pytest.raises(Refused):
        as_host("ip", "netns", "exec", outside, "sh", "-c", knock)
    assert dropped(bridge) > before


def test_who_is_no_client_any_more_is_let_in_no_more(bridge: str) -> None:
    former = "203.0.113.77"
    as_host("iptables", "--wait", "-I", "FORWARD", "-s", former, "-o", bridge, "-j", "ACCEPT")
    allow()
    rules = as_host("iptables", "--wait", "-S", "FORWARD")
    assert f"-A FORWARD ! -i {bridge} -o {bridge} -j DROP" in rules
    assert former not in rules
