"""Whole machines restarted, as by their power switch or properly."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from drills.drill import Act
from drills.scene import Scene
from drills.waiting import until
from lab.host import remote
from millrace.errors import Refused

BOOT = "cat /proc/sys/kernel/random/boot_id; systemctl show --value --property=UserspaceTimestampMonotonic"


def rebooted(*machines: str, hard: bool = False) -> Act:
    """All of them at the same time. Hard: no service is asked to end, no file system told."""
    how = "sudo systemctl reboot --force --force" if hard else "sudo systemctl reboot"

    @contextmanager
    def act(scene: Scene) -> Iterator[None]:
        before = {machine: _booted(machine) for machine in machines}
        for machine in machines:
            with suppress(Refused):  # the connection goes with the machine
                scene.run(machine, f"sudo systemd-run --quiet --on-active=1 --collect {how.removeprefix('sudo ')}")
        for machine in machines:
            until(lambda: _booted(machine) != before[machine], f"{machine} has started again")  # noqa: B023 - at once
        yield

    return act


def _booted(machine: str) -> str:
    """When the machine's first process began."""
    return remote.run(machine, "stat -c %Y /proc/1; ps -o lstart= -p 1", timeout=20).strip()
