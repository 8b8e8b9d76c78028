"""Services killed, stopped, restarted or held still."""

import shlex
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from drills.drill import Act
from drills.scene import Scene
from drills.waiting import Skipped, until


def killed(machine: str, unit: str) -> Act:
    """kill -9 of the unit's main process; systemd starts another."""

    @contextmanager
    def act(scene: Scene) -> Iterator[None]:
        before = _main(scene, machine, unit)
        scene.run(machine, f"sudo systemctl kill --kill-whom=main --signal=KILL {unit}")
        until(lambda: _main(scene, machine, unit) not in {"0", before}, f"{unit} has started again")
        yield

    return act


def stopped(machine: str, unit: str) -> Act:
    """Stopped, and started at the end."""

    @contextmanager
    def act(scene: Scene) -> Iterator[None]:
        scene.run(machine, f"sudo systemctl stop {unit}")
        try:
            yield
        finally:
            scene.run(machine, f"sudo systemctl start {unit}")

    return act


def restarted(machine: str, unit: str) -> Act:
    @contextmanager
    def act(scene: Scene) -> Iterator[None]:
        scene.run(machine, f"sudo systemctl restart {unit}")
        yield

    return act


def held(machine: str, unit: str) -> Act:
    """All of its processes are held still: connections stay open, and nobody answers."""

    @contextmanager
    def act(scene: Scene) -> Iterator[None]:
        scene.run(machine, f"sudo systemctl kill --signal=STOP {unit}")
        try:
            yield
        finally:
            scene.run(machine, f"sudo systemctl kill --signal=CONT {unit}")

    return act


def all_held(*units: tuple[str, str]) -> Act:
    """Services of several machines, each named with its own, held still at the same time, as under a closed lid."""

    @contextmanager
    def act(scene: Scene) -> Iterator[None]:
        with ExitStack() as all_of_them:
            for machine, unit in units:
                all_of_them.enter_context(held(machine, unit)(scene))
            yield

    return act


def out_of_memory(machine: str, unit: str, processes: str) -> Act:
    """The unit may use no more memory than a little over a half of what it uses, until the kernel has killed a process.

    `processes`: the pattern of those of which one must be another afterwards.
    """
    find = f"pgrep -of {shlex.quote(processes)} || true"

    @contextmanager
    def act(scene: Scene) -> Iterator[None]:
        before = scene.run(machine, find).strip()
        used = scene.run(machine, f"systemctl show --value --property=MemoryCurrent {unit}").strip()
        if not used.isdigit():
            raise Skipped("the machine does not count the memory of its services")
        _limit_memory(scene, machine, unit, str(int(used) * 6 // 10))
        try:
            until(lambda: before not in scene.run(machine, find).split(), "the kernel has killed a process")
            yield
        finally:
            _limit_memory(scene, machine, unit, "infinity")

    return act


def _limit_memory(scene: Scene, machine: str, unit: str, most: str) -> None:
    settings = ["--runtime", unit, f"MemoryMax={most}", f"MemorySwapMax={'0' if most.isdigit() else most}"]
    scene.run(machine, ["sudo", "systemctl", "set-property", *settings])


def process_killed(machine: str, pattern: str) -> Act:
    """kill -9 of the oldest process whose command line matches; another must take its place."""
    find = f"pgrep -of {shlex.quote(pattern)} || true"

    @contextmanager
    def act(scene: Scene) -> Iterator[None]:
        before = scene.run(machine, find).strip()
        scene.run(machine, f"sudo kill -9 {before}")
        until(lambda: scene.run(machine, find).strip() not in {"", before}, f"another process {pattern} is there")
        yield

    return act


def _main(scene: Scene, machine: str, unit: str) -> str:
    return scene.run(machine, f"systemctl show --value --property=MainPID {unit}").strip()
