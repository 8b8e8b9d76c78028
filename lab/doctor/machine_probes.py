"""How the four machines are: complaints, one sentence each, from what `make status` has seen of them."""

from collections.abc import Iterator

from lab.doctor.examination import Evidence
from lab.observe.machines import (
    Facts,
    MachineStatus,
    clocks_off,
    disks_that_are_full,
    disks_that_fill,
    memory_that_fills,
    silent,
    units_that_failed,
)
from lab.sentences import doctor as sentences

GIB = 2**30
LEAST_SHARE = 0.85
"""Of what is declared: a file system takes some of its disk for itself, and keeps some for root."""
SAME_SHARE = 0.01
"""By so much of a disk two looks at it may differ."""


def _machines(evidence: Evidence) -> list[MachineStatus]:
    return evidence.status().machines


def silent_machines(evidence: Evidence) -> Iterator[str]:
    """Those that do not answer."""
    return silent(_machines(evidence))


def machines_without_facts(evidence: Evidence) -> Iterator[str]:
    """Those that are up and say nothing of themselves."""
    for machine in _machines(evidence):
        if machine.up and machine.facts is None:
            yield sentences.NO_FACTS.format(machine=machine.machine)


def full_disks(evidence: Evidence) -> Iterator[str]:
    """Disks with no room left to speak of."""
    return disks_that_are_full(_machines(evidence))


def filling_disks(evidence: Evidence) -> Iterator[str]:
    """Disks that will be full before long."""
    return disks_that_fill(_machines(evidence))


def disks_smaller_than_declared(evidence: Evidence) -> Iterator[str]:
    """What grows is bounded by `disk` in lab.yml; containers share one disk, on which all of it must fit."""
    lab, sizes = evidence.lab(), {each.machine: each.facts for each in _machines(evidence) if each.facts}
    declared = {name: lab.machines[name].disk for name in sizes}
    if len(sizes) > 1 and _is_one_disk(list(sizes.values())):
        size = max(facts.disk_size for facts in sizes.values())
        if size < LEAST_SHARE * sum(declared.values()) * GIB:
            yield sentences.SMALL_SHARED_DISK.format(gb=size / GIB, declared=sum(declared.values()))
        return
    for name, facts in sizes.items():
        if facts.disk_size < LEAST_SHARE * declared[name] * GIB:
            yield sentences.SMALL_DISK.format(machine=name, gb=facts.disk_size / GIB, declared=declared[name])


def _is_one_disk(facts: list[Facts]) -> bool:
    """Machines of one box have disks of one size, and each another share of it in use."""
    used, sizes = [each.disk_used for each in facts], {each.disk_size for each in facts}
    return len(sizes) == 1 and max(used) - min(used) < SAME_SHARE * max(sizes)


def filling_memory(evidence: Evidence) -> Iterator[str]:
    """Machines whose memory is nearly used up."""
    return memory_that_fills(_machines(evidence))


def wrong_clocks(evidence: Evidence) -> Iterator[str]:
    """Clocks that are off this one."""
    return clocks_off(_machines(evidence))


def stopped_units(evidence: Evidence) -> Iterator[str]:
    """Units of the lab that start at boot, and that somebody has stopped."""
    for machine in _machines(evidence):
        for unit in machine.facts.stopped if machine.facts else ():
            yield sentences.STOPPED_UNIT.format(unit=unit, machine=machine.machine)


def failed_units(evidence: Evidence) -> Iterator[str]:
    """systemd's units, timers among them, that have failed and were not started since."""
    return units_that_failed(_machines(evidence))
