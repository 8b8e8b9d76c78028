"""Those who send: killed in the midst of a file, two at the same time, versions in any order."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from drills.replacements import FEED, write_networks
from drills.scene import Scene
from drills.waiting import Failed, until
from instruments.tools import source_of
from lab.location import CHECKOUT
from millrace.errors import Refused

RECORDS = 40_000


@contextmanager
def simulators_killed(scene: Scene) -> Iterator[None]:
    """kill -9 of all three that make it up, three times; systemd starts others, the journal says from where."""
    for _ in range(3):
        scene.run("kafka", "sudo systemctl kill --signal=KILL 'millrace-drill-*'")
        scene.cause_is_gone()
        scene.wait_for_more("they send on", than=350)
    yield


@contextmanager
def send_killed(scene: Scene) -> Iterator[None]:
    """kill -9 of `make send` on both machines in the midst of a file, and the same command once more."""
    file = _file(scene, "killed")
    with subprocess.Popen(
        _command(file), cwd=CHECKOUT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as sending:
        until(lambda: 0 < _sent(scene, file) < RECORDS, "the file is being sent")
        with suppress(Refused):  # it kills the shell that it came by as well
            scene.run("kafka", f"sudo pkill -KILL -u millrace -f '/{file.stem}[.]csv'")
        sending.kill()
    _send(file)
    _check_rows(scene, file)
    yield


@contextmanager
def two_send_one_file(scene: Scene) -> Iterator[None]:
    """Two `make send` of one file at the same time: each record once, and both end well."""
    file = _file(scene, "twice")
    both = [
        subprocess.Popen(_command(file), cwd=CHECKOUT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = [each.communicate(timeout=600)[1].strip() for each in both]
    codes = [each.returncode for each in both]
    if codes != [0, 0]:
        raise Failed(f"Two that send the same file end with the exit codes {codes}: {' | '.join(said)}")
    _check_rows(scene, file)
    yield


@contextmanager
def versions_in_any_order(scene: Scene) -> Iterator[None]:
    """A, B in its place, A in its place, then B once more beside it: at last both are there."""
    first, second = (_file(scene, "versions", version) for version in (1, 2))
    for file, how in ((first, ()), (second, ("--replace",)), (first, ("--replace",)), (second, ("--as-new",))):
        _send(file, *how)
    for file in (first, second):
        _check_rows(scene, file)
    yield


def _file(scene: Scene, name: str, version: int = 1) -> Path:
    """A file of that name; each version in a folder of its own."""
    folder = scene.replacements.folder / f"{name}-{version}"
    folder.mkdir()
    file = folder / f"drill-{name}-{scene.traffic.seed}.csv"
    write_networks(file, RECORDS, f"{name}, version {version}")
    return file


def _command(file: Path, *how: str) -> Sequence[str]:
    return [sys.executable, "-m", "lab", "send", *how, "--", FEED, str(file)]


def _send(file: Path, *how: str) -> None:
    done = subprocess.run(_command(file, *how), cwd=CHECKOUT, capture_output=True, text=True, timeout=600, check=False)
    if done.returncode != 0:
        raise Failed(f"make send ended with {done.returncode}: {done.stderr.strip()}")


def _sent(scene: Scene, file: Path) -> int:
    """Records of the file that are loaded so far."""
    query = "SELECT COALESCE(SUM(read_count), 0) FROM pipeline_source WHERE feed = :feed AND source_id = :source"
    return int(scene.one(query, feed=FEED, source=source_of(FEED, file)))


def _check_rows(scene: Scene, file: Path) -> None:
    rows = scene.one(f"SELECT COUNT(*) FROM v_{FEED} WHERE source_id = :source", source=source_of(FEED, file))
    if rows != RECORDS:
        raise Failed(f"{file.name}: {rows:,} rows of {RECORDS:,} records.")
