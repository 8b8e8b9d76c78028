"""What the machines say of themselves: disk, memory, clock, failed units. Each tells it to whoever connects."""

import socket
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, replace

import orjson

from lab.observe.access import PROBE_SECONDS
from lab.observe.services import MACHINES
from lab.sentences import status as sentences
from millrace.settings import Lab

FACTS_PORT = 9110
MOST_BYTES = 1 << 16
WARN_SHARE, FULL_SHARE = 0.80, 0.95
WARN_SECONDS = 2.0


@dataclass(frozen=True)
class Facts:
    """Bytes, as `df` counts them and as the kernel cannot give them back; seconds that the clock is ahead of ours."""

    disk_used: int
    disk_size: int
    memory_used: int
    memory_size: int
    clock_ahead: float
    failed: list[str]
    """systemd's units, timers among them, that failed and were not started since."""
    stopped: list[str]
    """The lab's units that start at boot and do not run."""

    @property
    def disk_share(self) -> float:
        """How full the disk is, 0 to 1."""
        return self.disk_used / self.disk_size

    @property
    def memory_share(self) -> float:
        """How full memory is, 0 to 1."""
        return self.memory_used / self.memory_size


@dataclass(frozen=True)
class MachineStatus:
    """A machine, and whether it answers on the lab network; `facts` None: it does not tell."""

    machine: str
    address: str
    up: bool
    facts: Facts | None = None


@dataclass(frozen=True)
class Knock:
    """Whether a machine is there; the connection that it took, on which it tells its facts, and when it did."""

    up: bool
    connection: socket.socket | None = None
    at: float = 0.0


def machine_statuses(lab: Lab, pool: Executor) -> tuple[list[MachineStatus], Callable[[MachineStatus], MachineStatus]]:
    """Whether each machine answers on its lab address; the function waits for what one tells of itself, and adds it."""
    addresses = {name: lab.address(name) for name in MACHINES}
    knocks = dict(zip(addresses, pool.map(knock, addresses.values()), strict=True))
    told = {name: pool.submit(read_facts, one) for name, one in knocks.items()}
    machines = [MachineStatus(name, address, knocks[name].up) for name, address in addresses.items()]
    return machines, lambda machine: replace(machine, facts=told[machine.machine].result())


def knock(address: str, port: int = FACTS_PORT) -> Knock:
    """A machine that refuses is there too. Not at its ssh: Debian 13's shuts out for a while who knocks and goes."""
    try:
        return Knock(True, socket.create_connection((address, port), timeout=PROBE_SECONDS), time.time())
    except ConnectionRefusedError:
        return Knock(True)
    except OSError:
        return Knock(False)


def read_facts(knocked: Knock) -> Facts | None:
    """What the machine tells; None where it does not, or not in time, or no machine of this release is there."""
    answer, until = b"", time.monotonic() + 2 * PROBE_SECONDS
    if knocked.connection is None:
        return None
    try:
        with knocked.connection as connection:
            while len(answer) < MOST_BYTES and (left := until - time.monotonic()) > 0:
                connection.settimeout(left)
                piece = connection.recv(4096)
                if not piece:
                    return facts_of(answer, (knocked.at + time.time()) / 2)
                answer += piece
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return None


def facts_of(answer: bytes, now: float) -> Facts:
    """What was answered at `now`, by our clock in seconds since 1970; ValueError, KeyError or TypeError where not."""
    found = orjson.loads(answer)
    numbers = {name: int(found[name]) for name in ("disk_used", "disk_size", "memory_used", "memory_size")}
    if not (numbers["disk_size"] and numbers["memory_size"]):
        raise ValueError("a machine without disk or memory")
    ahead = round(float(found["now"]) - now, 3)
    return Facts(**numbers, clock_ahead=ahead, failed=list(found["failed"]), stopped=list(found["stopped"]))


def machine_problems(machines: Collection[MachineStatus]) -> Iterator[str]:
    """One sentence per thing that is wrong."""
    yield from silent(machines)
    yield from disks_that_are_full(machines)
    yield from units_that_failed(machines)


def machine_warnings(machines: Collection[MachineStatus]) -> Iterator[str]:
    """One sentence per thing that will be wrong before long."""
    yield from disks_that_fill(machines)
    yield from memory_that_fills(machines)
    yield from clocks_off(machines)


def silent(machines: Iterable[MachineStatus]) -> Iterator[str]:
    """Machines that do not answer."""
    for one in machines:
        if not one.up:
            yield sentences.MACHINE_SILENT.format(machine=one.machine, address=one.address)


def disks_that_are_full(machines: Iterable[MachineStatus]) -> Iterator[str]:
    """Disks on which next to nothing can be written."""
    for name, facts in _known(machines):
        if facts.disk_share >= FULL_SHARE:
            yield sentences.DISK_FULL.format(machine=name, share=facts.disk_share)


def units_that_failed(machines: Iterable[MachineStatus]) -> Iterator[str]:
    """systemd's units, timers among them, that have failed and were not started since."""
    for name, facts in _known(machines):
        for unit in facts.failed:
            yield sentences.UNIT_FAILED.format(unit=unit, machine=name)


def disks_that_fill(machines: Iterable[MachineStatus]) -> Iterator[str]:
    """Disks that are not full yet."""
    for name, facts in _known(machines):
        if WARN_SHARE <= facts.disk_share < FULL_SHARE:
            yield sentences.DISK_FILLS.format(machine=name, share=facts.disk_share)


def memory_that_fills(machines: Iterable[MachineStatus]) -> Iterator[str]:
    """Machines that have little memory left."""
    for name, facts in _known(machines):
        if facts.memory_share >= WARN_SHARE:
            yield sentences.MEMORY_FILLS.format(machine=name, share=facts.memory_share)


def clocks_off(machines: Iterable[MachineStatus]) -> Iterator[str]:
    """Machines with another time than ours."""
    for name, facts in _known(machines):
        if abs(facts.clock_ahead) > WARN_SECONDS:
            yield sentences.CLOCK_OFF.format(machine=name, seconds=facts.clock_ahead)


def _known(machines: Iterable[MachineStatus]) -> Iterator[tuple[str, Facts]]:
    return ((one.machine, one.facts) for one in machines if one.facts)
