"""Failpoints (millrace/failpoints.py) on a machine of the lab, and services that rest meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from instruments.tools import wait_until
from lab.host import remote
from millrace.failpoints import VARIABLE

DEADLINE = 240
PRODUCERS = ("millrace-simulate@*.service", "millrace-poll@*.service")
"""Whoever sends by itself, on the kafka machine."""


@dataclass(frozen=True)
class Failpoints:
    """A folder of them, which processes of that user look into."""

    machine: str
    user: str
    folder: str

    @property
    def setting(self) -> str:
        """What a process must have in its environment."""
        return f"{VARIABLE}={self.folder}"

    def arm(self, point: str, order: str = "kill") -> None:
        """For the next process that passes the point; at one for poison, the text that works."""
        file = f"{self.folder}/{point}"
        self._run(f"printf {order} > {file}.new && mv {file}.new {file}")

    def has_struck(self, point: str) -> bool:
        """A process has passed the point since it was armed, and was killed or is held."""
        return self._run(f"test -e {self.folder}/{point}.struck && echo yes || true").strip() == "yes"

    def wait_until_struck(self, point: str) -> None:
        wait_until(lambda: self.has_struck(point), f"a process meets {point}", DEADLINE)

    def release(self, point: str) -> None:
        """Whoever is held there goes on; fails where nobody has come by."""
        self._run(f"rm {self.folder}/{point}.struck")

    def clear(self) -> None:
        """No point is armed, and nobody is held."""
        self._run(f"rm -f {self.folder}/*")

    def _run(self, script: str) -> str:
        return remote.run(self.machine, ["sudo", "-u", self.user, "sh", "-c", script])


@contextmanager
def folder_of(points: Failpoints) -> Iterator[None]:
    """The folder is there."""
    remote.run(points.machine, ["sudo", "install", "-d", "-o", points.user, "-g", points.user, points.folder])
    try:
        yield
    finally:
        remote.run(points.machine, ["sudo", "rm", "-rf", points.folder])


@contextmanager
def heeded(points: Failpoints, unit: str, *settings: str) -> Iterator[None]:
    """The unit's next start heeds them, with more settings in its environment. Who restarts it, restarts it after."""
    folder = f"/run/systemd/system/{unit}.d"
    drop_in = f"{folder}/failpoints.conf"
    lines = f"[Service]\\nEnvironment={' '.join((points.setting, *settings))}\\n"
    add = f"mkdir -p {folder} && printf '{lines}' > {drop_in} && systemctl daemon-reload"
    remove = f"rm {drop_in} && rmdir --ignore-fail-on-non-empty {folder} && systemctl daemon-reload"
    with folder_of(points):
        remote.run(points.machine, ["sudo", "sh", "-c", add])
        try:
            yield
        finally:
            remote.run(points.machine, ["sudo", "sh", "-c", remove])


@contextmanager
def resting(machine: str, *units: str) -> Iterator[None]:
    """Those of the units, or patterns of units, that are active are stopped, and started afterwards."""
    listed = ["systemctl", "list-units", "--plain", "--no-legend", "--state=active", *units]
    active = [line.split()[0] for line in remote.run(machine, listed).splitlines()]
    try:
        remote.run(machine, ["sudo", "systemctl", "stop", *units])
        yield
    finally:
        if active:
            remote.run(machine, ["sudo", "systemctl", "start", *active])
