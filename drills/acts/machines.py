"""Whole machines restarted, as by their power switch or properly."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import pairwise

from drills.drill import Act
from drills.scene import STREAM, Scene
from drills.waiting import until
from lab.host import remote
from millrace.errors import Refused

SERVICES = {"kafka": "kafka", "mysql": "mysql", "spark": STREAM}
"""Whose clock is moved where the machine has none of its own."""
MORE = 3500
"""Records of each simulator: some ten seconds' worth."""
CLOCK = "/run/millrace-drill-clock"
FAKETIME = {
    "LD_PRELOAD": "$(dpkg -L libfaketime | grep -m 1 'libfaketimeMT')",
    "FAKETIME_TIMESTAMP_FILE": CLOCK,
    "FAKETIME_CACHE_DURATION": "1",
    "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    "FAKETIME_FORCE_MONOTONIC_FIX": "0",
    "NO_FAKE_STAT": "1",
}
"""For libfaketime, see its README. With its fix of waits that are timed, a JVM waits for ever."""
FAKED = (
    "set -e; dpkg -s libfaketime > /dev/null 2>&1 || apt-get install -qy --no-install-recommends libfaketime;"
    f" echo +0 > {CLOCK}; systemctl set-environment "
    + " ".join(f'{name}="{value}"' for name, value in FAKETIME.items())
)


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


def clock_moved(machine: str, *hours: int) -> Act:
    """The machine's clock jumps to so many hours ahead, to one after another while everything runs, and back again.

    Containers have their host's clock: there it is the clock that the machine's main service sees, and who sends.
    """

    @contextmanager
    def act(scene: Scene) -> Iterator[None]:
        if scene.run(machine, "systemd-detect-virt --container || true").strip() == "none":
            script, back = _machines_clock, "timedatectl set-ntp true && systemctl restart systemd-timesyncd"
        else:
            _see_a_clock_of_their_own(scene, machine)
            script, back = _clock_of_their_own, f"echo +0 > {CLOCK}"
        try:
            for before, ahead in pairwise((0, *hours)):
                if before:
                    scene.wait_for_more("it goes on at that time", than=MORE)
                scene.run(machine, ["sudo", "sh", "-c", script(before, ahead)])
            yield
        finally:
            scene.run(machine, ["sudo", "sh", "-c", back])

    return act


def _machines_clock(before: int, ahead: int, /) -> str:
    return f"timedatectl set-ntp false && date -s '{ahead - before:+} hour'"


def _clock_of_their_own(_before: int, ahead: int, /) -> str:
    return f"echo {ahead:+}h > {CLOCK}"


def _see_a_clock_of_their_own(scene: Scene, machine: str) -> None:
    """Kafka and the traffic, MySQL, or the application: they start anew under a library that adds a file's number."""
    scene.run(machine, ["sudo", "sh", "-c", FAKED])
    try:
        if machine == "kafka":
            scene.traffic.stop()
        scene.run(machine, f"sudo systemctl restart {SERVICES[machine]}")
        scene.traffic.start()
    finally:
        scene.run(machine, f"sudo systemctl unset-environment {' '.join(FAKETIME)}")
    scene.wait_for_more("records stream in again")


def _booted(machine: str) -> str:
    """When the machine's first process began."""
    return remote.run(machine, "stat -c %Y /proc/1; ps -o lstart= -p 1", timeout=20).strip()
