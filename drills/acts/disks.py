"""A disk that is full: no byte more is written to a folder."""

from collections.abc import Iterator
from contextlib import contextmanager

from drills.drill import Act
from drills.scene import Scene
from drills.waiting import Skipped, until
from lab.host.readiness import missing_dashboard

MB = 2**20
SPARE_MB = 256
"""Memory that is left to the services."""
SMALL = (
    "set -e; mkdir -p {small}; mount -t tmpfs -o size={size}m millrace-drill {small};"
    " cp -a {folder}/. {small}/; chown --reference={folder} {small}; chmod --reference={folder} {small};"
    " mount --bind {small} {folder}"
)
FILL = "head -c 1T /dev/zero > {folder}/filler 2> /dev/null || true"
BACK = (
    "set -e; umount {folder}; find {folder} -mindepth 1 -delete; cp -a {small}/. {folder}/;"
    " umount {small}; rmdir {small}"
)


def full(machine: str, unit: str, folder: str, *, for_screens: bool = False) -> Act:
    """What a service keeps lies on a small disk of its own meanwhile, which somebody fills.

    That disk is made of memory, so that it can be filled to the last byte also where machines share the host's. Once
    there is room again records must be loaded, or dashboards opened, before what it keeps is laid back.
    """

    @contextmanager
    def act(scene: Scene) -> Iterator[None]:
        used = int(scene.run(machine, ["sudo", "du", "-sm", folder]).split()[0])
        size = used + used // 10 + 64
        names = {"folder": folder, "small": f"{folder}.small", "size": size}
        if size + SPARE_MB > _free_memory(scene, machine):
            raise Skipped(f"{machine} has no memory for the {size:,} MB of such a disk; lab.local.yml may give it more")
        _moved(scene, machine, unit, SMALL.format(**names))
        scene.run(machine, ["sudo", "sh", "-c", FILL.format(**names)])
        try:
            yield
        finally:
            scene.run(machine, ["sudo", "rm", "-f", f"{folder}/filler"])
            scene.cause_is_gone()
            if for_screens:
                until(lambda: missing_dashboard() is None, "there is room again: a viewer can open a dashboard")
            else:
                scene.wait_for_more("there is room again: it goes on")
            scene.has_recovered()
            _moved(scene, machine, unit, BACK.format(**names))

    return act


def _free_memory(scene: Scene, machine: str) -> int:
    """Megabytes; 0 where the machine does not tell."""
    facts = next(one.facts for one in scene.status().machines if one.machine == machine)
    return (facts.memory_size - facts.memory_used) // MB if facts else 0


def _moved(scene: Scene, machine: str, unit: str, script: str) -> None:
    scene.run(machine, f"sudo systemctl stop {unit}")
    scene.run(machine, ["sudo", "sh", "-c", script])
    scene.run(machine, f"sudo systemctl start {unit}")
