"""The streaming application and what it keeps on disk."""

from collections.abc import Iterator
from contextlib import contextmanager

from drills.drill import Act
from drills.scene import STREAM, Scene
from drills.waiting import until
from tests.lab.failpoints import Failpoints, heeded

POINTS = Failpoints("spark", "spark", "/var/lib/spark/tmp/failpoints")
SCRATCH = "/var/lib/spark/work/app-* /var/lib/spark/tmp/spark-* /var/lib/spark/tmp/blockmgr-*"
CHECKPOINTS = "/var/lib/millrace/checkpoints"
STEPS = ("after_pending", "before_commit", "after_commit")


@contextmanager
def killed_at_each_step(scene: Scene) -> Iterator[None]:
    """kill -9 behind the pending row, before the commit and after it: three applications, one after another."""
    with heeded(POINTS, f"{STREAM}.service"):
        before = scene.epoch
        scene.run("spark", f"sudo systemctl restart {STREAM}")
        until(lambda: scene.epoch > before, "the application looks for failpoints")
        for step in STEPS:
            epoch = scene.epoch
            POINTS.arm(step)
            until(lambda: POINTS.has_struck(step), f"it meets {step}")  # noqa: B023 - called at once
            until(lambda: scene.epoch > epoch, "another application has taken over")  # noqa: B023
        POINTS.clear()
    yield


def disturbed(script: str) -> Act:
    """A script of root's on the spark machine, then kill -9 of the application, which starts anew over what is left."""

    @contextmanager
    def act(scene: Scene) -> Iterator[None]:
        epoch = scene.epoch
        scene.run("spark", ["sudo", "sh", "-c", script])
        scene.run("spark", f"sudo systemctl kill --kill-whom=main --signal=KILL {STREAM}")
        until(lambda: scene.epoch > epoch, "another application has taken over")
        yield

    return act


DELETED = f"rm -rf {SCRATCH} {CHECKPOINTS}"
RUBBISH = (
    f"for folder in {CHECKPOINTS} {CHECKPOINTS}/*; do mkdir -p $folder/offsets;"
    " head -c 4096 /dev/urandom > $folder/metadata; head -c 512 /dev/urandom > $folder/offsets/0; done"
)

SECOND_COPY = (
    "sudo systemd-run --quiet --pipe --wait --collect --uid=spark -p EnvironmentFile=/etc/spark/environment "
    "-p EnvironmentFile=/etc/millrace/millrace-stream.env /usr/local/sbin/millrace-stream 2>&1; echo exit $?"
)


@contextmanager
def second_copy(scene: Scene) -> Iterator[None]:
    """It must refuse, and name the first."""
    said = scene.run("spark", SECOND_COPY).strip().splitlines()
    assert said[-1] == "exit 1" and any("is already running" in line for line in said), said[-3:]
    yield
