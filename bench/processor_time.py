"""Processor time: of a machine of the lab, and of the processes that one command has started on this host.

Both are summed from what the kernel keeps per process; in a container that is what runs inside it. Its own work for the
network, which it counts for no process, is in neither.
"""

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from bench.report.figures import Name
from lab.host import remote
from lab.observe.services import MACHINES

TICKS = 100
"""A second has so many, on every Linux that people are shown."""
STATE, SESSION, TIMES = 2, 5, slice(13, 17)
"""Where these stand in a line, see proc(5): the times are of the process, and of its children that have ended."""


def of_machines() -> dict[str, float]:
    """Seconds of every machine until now."""
    return {machine: seconds(remote.run(machine, "cat /proc/[0-9]*/stat || true").splitlines()) for machine in MACHINES}


def since(before: Mapping[str, float]) -> dict[str, float]:
    """Seconds that every machine has had since then."""
    return {machine: now - before[machine] for machine, now in of_machines().items()}


@contextmanager
def cores_busy() -> Iterator[dict[Name, float]]:
    """In what it gives there is afterwards how many cores each machine has kept at work meanwhile."""
    found: dict[Name, float] = {}
    before, began = of_machines(), time.monotonic()
    yield found
    spent, seconds = since(before), time.monotonic() - began
    found |= {Name(f"{machine} busy", "cores", "busy"): had / seconds for machine, had in spent.items()}


def of_session(leader: int) -> float:
    """Seconds of the processes of a session here that have not been waited for."""
    return seconds(line for line in _lines() if int(_fields(line)[SESSION]) == leader)


def seconds(lines: Iterable[str]) -> float:
    """What the processes of these lines, and those they have waited for, have had."""
    return sum(int(ticks) for line in lines for ticks in _fields(line)[TIMES]) / TICKS


def _fields(line: str) -> list[str]:
    """A process's name may hold anything."""
    number, _, rest = line.partition(" (")
    return [number, "", *rest.rpartition(") ")[2].split()]


def _lines() -> Iterator[str]:
    for file in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has ended meanwhile
            yield file.read_text(errors="replace")
