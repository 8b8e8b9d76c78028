"""The network between two machines cut, or slow."""

from collections.abc import Iterator
from contextlib import contextmanager

from drills.drill import Act
from drills.scene import Scene

TABLE = "inet millrace_drill"
DROP = (
    f"nft add table {TABLE};"
    f' for hook in input output; do nft add chain {TABLE} $hook "{{ type filter hook $hook priority 0; }}"; done;'
    f" nft add rule {TABLE} output ip daddr %s drop; nft add rule {TABLE} input ip saddr %s drop"
)
LONGEST = "10min"
"""A timer on the machine ends a cut, should nobody else."""


def cut(machine: str, other: str) -> Act:
    """No packet passes between the two, in either direction; nobody is told."""

    @contextmanager
    def act(scene: Scene) -> Iterator[None]:
        address, heal = scene.lab.address(other), f"nft delete table {TABLE}"
        timer = f"systemd-run --quiet --collect --on-active={LONGEST} --unit=millrace-drill-heal"
        scene.run(machine, f"sudo {timer} {heal}")
        scene.run(machine, ["sudo", "sh", "-c", DROP % (address, address)])
        try:
            yield
        finally:
            scene.run(machine, f"sudo {heal}; sudo systemctl stop millrace-drill-heal.timer")

    return act
