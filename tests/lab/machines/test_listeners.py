"""Who listens where: services on the lab network only, helpers on the loopback address, ssh alone on the rest."""

import re
import socket

import pytest

from instruments.tools import wait_until
from lab.host import remote
from lab.observe.machines import FACTS_PORT
from lab.observe.services import MACHINES, METRICS_PORT
from millrace.settings import Lab

SSH = 22
TCP, UDP = "tcp", "udp"
SECONDS = 30
"""For who lets us in, on a machine that has much to do."""
DHCP_CLIENT = 68
LOOPBACK = re.compile(r"127\.|::1$")
WAITER, WAITS_AT = "millrace-test-datagrams", ("127.0.0.1", 4053)
WAIT = """
import socket, sys, time
held = socket.socket(type=socket.SOCK_DGRAM)
held.bind((sys.argv[1], int(sys.argv[2])))
time.sleep(600)
"""
# What is heard on the lab network. Spark's applications open more, wherever they find room.
LAB_PORTS = {"kafka": {9092, METRICS_PORT, FACTS_PORT}, "mysql": {3306, FACTS_PORT}, "superset": {8088, FACTS_PORT}}
SPARK_PORTS = {7077, 7078, 8080, 8081, 4040, FACTS_PORT}


def listeners(machine: str, protocol: str = "") -> set[tuple[str, int]]:
    """Address and port of everything that waits: for a connection (tcp), for a datagram (udp), or for either."""
    lines = remote.run(machine, "sudo ss --no-header --listening --numeric --tcp --udp").splitlines()
    fields = [line.split() for line in lines]
    sockets = [local.rpartition(":") for kind, _, _, _, local, *_ in fields if protocol in {"", kind}]
    return {(address.strip("[]").removeprefix("::ffff:").partition("%")[0], int(port)) for address, _, port in sockets}


def management_address(machine: str) -> str:
    """The address through which Vagrant and the Internet reach the machine."""
    route = remote.run(machine, "ip -4 route get 9.9.9.9 || true")
    found = re.search(r"src (\S+)", route)
    if not found:
        pytest.skip("this machine has no network but the lab's")
    return found[1]


def answers(address: str, port: int, seconds: int = SECONDS) -> bool:
    """Whether a connection is taken."""
    try:
        socket.create_connection((address, port), timeout=seconds).close()
    except OSError:
        return False
    return True


@pytest.mark.parametrize("machine", MACHINES)
def test_services_listen_on_the_lab_network_alone(lab: Lab, machine: str) -> None:
    address = lab.address(machine)
    heard = {
        (host, port) for host, port in listeners(machine) if port not in {SSH, DHCP_CLIENT} and not LOOPBACK.match(host)
    }
    assert {host for host, _ in heard} - {address} == set()
    ports = {port for _, port in heard}
    if machine == "spark":
        assert ports >= SPARK_PORTS
    else:
        assert ports == LAB_PORTS[machine]


@pytest.mark.parametrize("machine", MACHINES)
def test_management_network_carries_no_service(lab: Lab, machine: str) -> None:
    address = management_address(machine)
    ports = {port for host, port in listeners(machine, TCP) if host == lab.address(machine)}
    assert ports
    assert [port for port in sorted(ports) if answers(address, port, 2)] == []


@pytest.mark.parametrize("machine", MACHINES)
def test_nothing_waits_for_datagrams_but_the_address_lease(lab: Lab, machine: str) -> None:
    waits = {(host, port) for host, port in listeners(machine, UDP) if not LOOPBACK.match(host)}
    assert {(host, port) for host, port in waits if port != DHCP_CLIENT} == set()


def test_who_waits_for_datagrams_is_seen(lab: Lab) -> None:
    words = [WAIT, *map(str, WAITS_AT)]
    run = ["sudo", "systemd-run", "--quiet", "--collect", f"--unit={WAITER}", "python3", "-P", "-c", *words]
    try:
        remote.run("superset", run)
        wait_until(lambda: WAITS_AT in listeners("superset", UDP), "who waits is seen")
        assert WAITS_AT not in listeners("superset", TCP)
    finally:
        remote.run("superset", f"sudo systemctl stop {WAITER} || true")
