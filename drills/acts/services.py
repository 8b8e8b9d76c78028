"""Services killed, stopped, restarted or held still."""

import shlex
from collections.abc import Iterator
from contextlib import contextmanager

from drills.drill import Act
from drills.scene import Scene
from drills.waiting import until


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
