"""The streaming application and what it keeps on disk."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import httpx

from drills.acts import network
from drills.drill import Act
from drills.scene import STREAM, Scene
from drills.waiting import Failed, until
from instruments.failpoints import heeded
from instruments.stream import EXECUTOR, POINTS
from lab.observe.services import APPLICATION_PORT

SCRATCH = "/var/lib/spark/work/app-* /var/lib/spark/scratch/*/*"
CHECKPOINTS = "/var/lib/millrace/checkpoints"
LARGE, BESIDE = "all_loads_are_large", "beside_the_next_load_of_sales"
WAITING_SECONDS = 5
SPARKS_TIME = "%Y-%m-%dT%H:%M:%S.%fGMT"
STEPS = ("after_pending_sales", "before_commit", "after_commit")


@contextmanager
def heeding_points(scene: Scene) -> Iterator[None]:
    """The application has started anew and looks for failpoints; in the end none is armed, and nobody held."""
    with heeded(POINTS, f"{STREAM}.service"):
        before = scene.epoch
        scene.run("spark", f"sudo systemctl restart {STREAM}")
        until(lambda: scene.epoch > before, "the application looks for failpoints")
        yield


@contextmanager
def killed_at_each_step(scene: Scene) -> Iterator[None]:
    """kill -9 behind the pending row, before the commit and after it: three applications, one after another."""
    with heeding_points(scene):
        kill_at_each_step(scene)
    yield


def kill_at_each_step(scene: Scene) -> None:
    """Of an application that heeds failpoints."""
    for step in STEPS:
        epoch = scene.epoch
        POINTS.arm(step)
        until(lambda: POINTS.has_struck(step), f"it meets {step}")  # noqa: B023 - called at once
        scene.cause_is_gone()
        until(lambda: scene.epoch > epoch, "another application has taken over")  # noqa: B023


@contextmanager
def killed_beside_a_commit(scene: Scene) -> Iterator[None]:
    """kill -9 while the next load's tasks wait for a commit; then at each step. Every load is taken to be large."""
    with heeding_points(scene):
        POINTS.arm(LARGE)
        POINTS.arm(BESIDE, "hold")
        until(lambda: POINTS.has_struck(BESIDE), "a load is committed while the next one is cleaned")
        until(lambda: has_waiting_job(scene), "the tasks of the next load wait")
        epoch = scene.epoch
        scene.run("spark", f"sudo systemctl kill --kill-whom=all --signal=KILL {STREAM}")
        scene.cause_is_gone()
        until(lambda: scene.epoch > epoch, "another application has taken over")
        kill_at_each_step(scene)
    yield


def has_waiting_job(scene: Scene) -> bool:
    """Whether a job of the application has run for longer than a small load takes."""
    api = f"http://{scene.lab.address('spark')}:{APPLICATION_PORT}/api/v1/applications"
    (app,) = httpx.get(api, timeout=20).raise_for_status().json()
    jobs = httpx.get(f"{api}/{app['id']}/jobs", params={"status": "running"}, timeout=20).raise_for_status().json()
    since = datetime.now(UTC) - timedelta(seconds=WAITING_SECONDS)
    return any(datetime.strptime(job["submissionTime"], SPARKS_TIME).replace(tzinfo=UTC) < since for job in jobs)


@contextmanager
def cut_at_commit(scene: Scene) -> Iterator[None]:
    """No packet between spark and mysql from the moment on when a load is about to be committed."""
    with heeding_points(scene):
        POINTS.arm("before_commit", "hold")
        until(lambda: POINTS.has_struck("before_commit"), "a load is about to be committed")
        with network.cut("spark", "mysql")(scene):
            POINTS.release("before_commit")
            yield


@contextmanager
def zombie(scene: Scene) -> Iterator[None]:
    """A task lives on when its executor is killed, and ends its load when another has long done so."""
    with heeding_points(scene):
        POINTS.arm("during_load", "hold")
        until(lambda: POINTS.has_struck("during_load"), "a task has loaded its rows")
        workers = scene.run("spark", f"jvm=$({EXECUTOR}) && pgrep -P $(pgrep -P $jvm)").split()
        scene.run("spark", f"jvm=$({EXECUTOR}) && sudo pkill -KILL -P $jvm; sudo kill -9 $jvm")
        scene.cause_is_gone()
        scene.wait_for_more("another executor loads each feed")
        scene.has_recovered()
        left = scene.run("spark", f"ps -o pid= -p {','.join(workers)} || true").split()
        if not left:
            raise Failed("No task has outlived its executor.")
        POINTS.release("during_load")
        until(lambda: not scene.run("spark", f"ps -o pid= -p {','.join(left)} || true").split(), "the task has ended")
    yield


def disturbed(script: str) -> Act:
    """A script of root's on the spark machine, then kill -9 of the application, which starts anew over what is left."""

    @contextmanager
    def act(scene: Scene) -> Iterator[None]:
        epoch = scene.epoch
        scene.run("spark", ["sudo", "sh", "-c", script])
        scene.run("spark", f"sudo systemctl kill --kill-whom=main --signal=KILL {STREAM}")
        scene.cause_is_gone()
        until(lambda: scene.epoch > epoch, "another application has taken over")
        yield

    return act


# The application writes on meanwhile: a folder that has another name is gone at once, and stays empty once it is.
DELETED = f"mv {CHECKPOINTS} {CHECKPOINTS}.gone && rm -rf {CHECKPOINTS}.gone && {{ rm -rf {SCRATCH} || true; }}"
RUBBISH = (
    f"for folder in {CHECKPOINTS} {CHECKPOINTS}/*; do mkdir -p $folder/offsets;"
    " head -c 4096 /dev/urandom > $folder/metadata; head -c 512 /dev/urandom > $folder/offsets/0; done;"
    f" for folder in {SCRATCH}; do head -c 4096 /dev/urandom > $folder/rubbish;"
    " find $folder -type f -exec sh -c 'head -c 512 /dev/urandom > $1' _ {} ';' || true; done"
)

SECOND_COPY = (
    "sudo systemd-run --quiet --pipe --wait --collect --uid=spark -p EnvironmentFile=/etc/spark/environment "
    "-p LoadCredential=millrace-stream.env:/etc/millrace/millrace-stream.env "
    "/usr/local/sbin/millrace-stream 2>&1; echo exit $?"
)


@contextmanager
def second_copy(scene: Scene) -> Iterator[None]:
    """It must refuse, and name the first."""
    said = scene.run("spark", SECOND_COPY).strip().splitlines()
    assert said[-1] == "exit 1" and any("is already running" in line for line in said), said[-3:]
    yield
