"""How the four machines are: complaints, one sentence each, from what `make status` has seen of them."""

from collections.abc import Iterator

from lab.doctor.examination import Evidence
from lab.observe.machines import (
    MachineStatus,
    clocks_off,
    disks_that_are_full,
    disks_that_fill,
    memory_that_fills,
    silent,
    units_that_failed,
)
from lab.sentences import doctor as sentences


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
