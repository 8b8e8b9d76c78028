"""The network between two machines cut, or slow."""

from collections.abc import Iterator
from contextlib import contextmanager

from drills.drill import Act
from drills.scene import Scene

TABLE = "inet millrace_drill"
DROP = (
    f"nft add table {TABLE};"
    f" for hook in input output; do nft add chain {TABLE} $hook '{{ type filter hook '$hook' priority 0; }}'; done;"
    f" nft add rule {TABLE} output ip daddr ADDRESS drop; nft add rule {TABLE} input ip saddr ADDRESS drop"
)
HEAL = f"nft delete table {TABLE}"
DEVICE = "dev $(ip route get ADDRESS | grep -oP 'dev \\K\\S+') root"
THROTTLE = f"tc qdisc add {DEVICE} tbf rate 2mbit burst 32kbit latency 400ms"
RELEASE = f"tc qdisc del {DEVICE}"
LONGEST = "10min"
"""A timer on the machine heals its network, should nobody else."""


def cut(machine: str, other: str) -> Act:
    """No packet passes between the two, in either direction; nobody is told."""
    return _broken(machine, other, DROP, HEAL)


def slow(machine: str, other: str) -> Act:
    """Two megabits a second leave the machine towards everybody; packets wait up to 0.4 s, then they are dropped."""
    return _broken(machine, other, THROTTLE, RELEASE)


def _broken(machine: str, other: str, wound: str, heal: str) -> Act:
    """Scripts for root, in which the other machine's address stands as ADDRESS."""

    @contextmanager
    def act(scene: Scene) -> Iterator[None]:
        hurt, mend = (["sh", "-c", script.replace("ADDRESS", scene.lab.address(other))] for script in (wound, heal))
        timer = ["systemd-run", "--quiet", "--collect", f"--on-active={LONGEST}", "--unit=millrace-drill-heal"]
        scene.run(machine, ["sudo", *timer, *mend])
        scene.run(machine, ["sudo", *hurt])
        try:
            yield
        finally:
            scene.run(machine, ["sudo", *mend])
            scene.run(machine, ["sudo", "systemctl", "stop", "millrace-drill-heal.timer"])

    return act
