"""Whole machines restarted, as by their power switch or properly."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from drills.drill import Act
from drills.scene import Scene
from drills.waiting import Skipped, until
from lab.host import remote
from millrace.errors import Refused


def rebooted(*machines: str, hard: bool = False) -> Act:
    """All of them at the same time. Hard: no service is asked to end, no file system told."""
    how = "systemctl reboot --force --force" if hard else "systemctl reboot"

    @contextmanager
    def act(scene: Scene) -> Iterator[None]:
        before = {machine: _booted(machine) for machine in machines}
        for machine in machines:
            with suppress(Refused):  # the connection goes with the machine
                scene.run(machine, f"sudo systemd-run --quiet --on-active=1 --collect {how}")
        for machine in machines:
            until(lambda: _booted(machine) != before[machine], f"{machine} has started again")  # noqa: B023 - at once
        yield

    return act


def clock_moved(machine: str, by: str) -> Act:
    """The machine's clock goes wrong by so much, as `date` understands it, and is put right again."""

    @contextmanager
    def act(scene: Scene) -> Iterator[None]:
        if scene.run(machine, "systemd-detect-virt --container || true").strip() != "none":
            raise Skipped("containers share the host's clock")
        scene.run(machine, f"sudo timedatectl set-ntp false && sudo date -s '{by}'")
        try:
            yield
        finally:
            scene.run(machine, "sudo timedatectl set-ntp true && sudo systemctl restart systemd-timesyncd")

    return act


def _booted(machine: str) -> str:
    """When the machine's first process began."""
    return remote.run(machine, "stat -c %Y /proc/1; ps -o lstart= -p 1", timeout=20).strip()
