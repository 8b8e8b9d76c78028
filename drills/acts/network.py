"""The network between machines cut, or slow, or lossy."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from drills.drill import Act
from drills.scene import Scene
from drills.waiting import Skipped
from millrace.errors import Refused

TABLE = "inet millrace_drill"
DROP = (
    f"nft add table {TABLE};"
    f" for hook in input output; do nft add chain {TABLE} $hook '{{ type filter hook '$hook' priority 0; }}'; done;"
    f" nft add rule {TABLE} output ip daddr ADDRESS drop; nft add rule {TABLE} input ip saddr ADDRESS drop"
)
HEAL = f"nft delete table {TABLE}"
DEVICE = "dev $(ip route get ADDRESS | grep -oP 'dev \\K\\S+') root"
LOSE = (
    f"nft add table {TABLE}; nft add chain {TABLE} output '{{ type filter hook output priority 0; }}';"
    f" nft add rule {TABLE} output oifname != lo numgen random mod 100 0 drop"
)
THROTTLE = f"{LOSE}; tc qdisc add {DEVICE} tbf rate 2mbit burst 32kbit latency 400ms"
RELEASE = f"tc qdisc del {DEVICE}"
NETEM = f"tc qdisc add {DEVICE} netem delay 100ms loss 1%"
HAS_NETEM = "tc qdisc add dev lo root netem && tc qdisc del dev lo root"
"""Without a delay it passes each packet on at once."""
LONGEST = "10min"
"""A timer on the machine heals its network, should nobody else."""


def cut(machine: str, other: str) -> Act:
    """No packet passes between the two, in either direction; nobody is told."""
    return _broken(machine, other, DROP, HEAL)


def slow(machine: str, other: str) -> Act:
    """Two megabits a second leave the machine towards everybody, and one packet in a hundred is lost.

    Packets wait up to 0.4 s, then they are dropped.
    """
    return _broken(machine, other, THROTTLE, f"{RELEASE}; {HEAL}")


def late(*machines: str) -> Act:
    """What leaves those machines comes 100 ms later, one packet in a hundred never; some kernels cannot do that."""

    @contextmanager
    def act(scene: Scene) -> Iterator[None]:
        for machine in machines:
            try:
                scene.run(machine, ["sudo", "sh", "-c", HAS_NETEM])
            except Refused as why:
                raise Skipped(f"the kernel of {machine} cannot delay packets, it has no sch_netem ({why})") from why
        with ExitStack() as all_of_them:
            for machine, other in zip(machines, (*machines[1:], machines[0]), strict=True):
                all_of_them.enter_context(_broken(machine, other, NETEM, RELEASE)(scene))
            yield

    return act


def _broken(machine: str, other: str, wound: str, heal: str) -> Act:
    """Scripts for root, in which the other machine's address stands as ADDRESS."""

    @contextmanager
    def act(scene: Scene) -> Iterator[None]:
        hurt, mend = (["sh", "-c", script.replace("ADDRESS", scene.lab.address(other))] for script in (wound, heal))
        timer = ["systemd-run", "--quiet", "--collect", f"--on-active={LONGEST}", "--unit=millrace-drill-heal"]
        with ExitStack() as after:
            scene.run(machine, ["sudo", *timer, *mend])
            after.callback(scene.run, machine, ["sudo", "systemctl", "stop", "millrace-drill-heal.timer"])
            after.callback(scene.run, machine, ["sudo", *mend])
            scene.run(machine, ["sudo", *hurt])
            yield

    return act
