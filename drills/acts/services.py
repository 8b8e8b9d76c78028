"""Services killed, stopped, restarted or held still."""

import shlex
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import httpx

from drills.drill import Act
from drills.scene import Scene
from drills.waiting import until
from lab.observe.services import MASTER_PORT


def killed(machine: str, unit: str) -> Act:
    """kill -9 of the unit's main process; systemd starts another."""

    @contextmanager
    def act(scene: Scene) -> Iterator[None]:
        before = _main(scene, machine, unit)
        scene.run(machine, f"sudo systemctl kill --kill-whom=main --signal=KILL {unit}")
        scene.cause_is_gone()
        until(lambda: _main(scene, machine, unit) not in {"0", before}, f"{unit} has started again")
        yield

    return act


@contextmanager
def master_killed(scene: Scene) -> Iterator[None]:
    """kill -9 of Spark's master, until the next one is spoken to by the worker.

    What it does not know the worker ends: the harm of it comes half a minute after the kill.
    """
    with killed("spark", "spark-master")(scene):
        until(lambda: _has_worker(scene), "the worker is known to the new master")
    yield


def stopped(machine: str, unit: str) -> Act:
    """Stopped, and started at the end."""

    @contextmanager
    def act(scene: Scene) -> Iterator[None]:
        scene.run(machine, f"sudo systemctl stop {unit}")
        try:
            yield
        finally:
            scene.cause_is_gone()
            scene.run(machine, f"sudo systemctl start {unit}")

    return act


def restarted(machine: str, unit: str) -> Act:
    @contextmanager
    def act(scene: Scene) -> Iterator[None]:
        scene.cause_is_gone()
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
            scene.cause_is_gone()
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


def process_killed(machine: str, pattern: str) -> Act:
    """kill -9 of the oldest process whose command line matches; another must take its place."""
    return _replaced(machine, pattern, "kill -9")


def out_of_memory(machine: str, pattern: str) -> Act:
    """That process gets no byte of memory more, until another has taken its place."""
    return _replaced(machine, pattern, "-u spark prlimit --as=1 --pid")


def _replaced(machine: str, pattern: str, strike: str) -> Act:
    find = f"pgrep -of {shlex.quote(pattern)} || true"

    @contextmanager
    def act(scene: Scene) -> Iterator[None]:
        before = scene.run(machine, find).strip()
        scene.run(machine, f"sudo {strike} {before}")
        scene.cause_is_gone()
        until(lambda: scene.run(machine, find).strip() not in {"", before}, f"another process {pattern} is there")
        yield

    return act


def _main(scene: Scene, machine: str, unit: str) -> str:
    return scene.run(machine, f"systemctl show --value --property=MainPID {unit}").strip()


def _has_worker(scene: Scene) -> bool:
    """Whether Spark's master is at work, with a worker that it hears of."""
    try:
        state = (
            httpx.get(f"http://{scene.lab.address('spark')}:{MASTER_PORT}/json/", timeout=10).raise_for_status().json()
        )
    except httpx.HTTPError:
        return False
    return state["status"] == "ALIVE" and any(worker["state"] == "ALIVE" for worker in state["workers"])
