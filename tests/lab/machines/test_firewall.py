"""A host whose firewall forwards nothing, as Docker leaves it: the machines reach each other all the same."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.host import remote
from lab.host.boxes import as_root
from lab.host.destroy import output, remove_rules
from lab.location import CHECKOUT
from millrace.errors import Refused
from millrace.settings import Lab
from tests.lab.tools import wait_until

ASKED = Path("/proc/sys/net/bridge/bridge-nf-call-iptables")
ALLOW = "require './vagrant/lab'; Millrace::LxcNetwork.new(Millrace.lab('.')).allow_neighbours"


@pytest.fixture
def bridge(lab: Lab) -> str:
    """The lab's bridge; skips where machines are no neighbours on a bridge, or its frames never meet the firewall."""
    name = f"lab-{lab.subnet.replace('.', '-')}"
    if not Path("/sys/class/net", name).exists():
        pytest.skip("the lab's machines are not LXC's")
    if not ASKED.exists():
        pytest.skip("this kernel has no br_netfilter: its firewall never sees a bridge's frames")
    return name


@pytest.fixture
def strict(bridge: str) -> Iterator[str]:
    """The lab's bridge on a host that forwards nothing and asks iptables about every frame; then as before."""
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


def reaches(lab: Lab) -> bool:
    """Whether superset gets a connection to MySQL."""
    probe = f"timeout 3 bash -c ': < /dev/tcp/{lab.address('mysql')}/3306'"
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
    assert not reaches(lab), "without the rule nothing passes, or this test would prove nothing"
    allow()
    wait_until(lambda: reaches(lab), "superset reaches MySQL again")
    assert as_host("iptables", "--wait", "-S", "FORWARD").count(f"-i {strict} -o {strict} ") == 1
