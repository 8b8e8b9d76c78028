"""The whole lab set back to what it was."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from drills.replacements import FEED, RECORDS
from drills.scene import Scene
from drills.waiting import Failed, until
from lab.location import CHECKOUT

SECONDS = 3600
MORE = 2000
ARCHIVE = re.compile(r"^(backups/millrace-\S+\.tar) ", re.MULTILINE)


@contextmanager
def restored(scene: Scene) -> Iterator[None]:
    """`make backup`, more records and a further version of the file, `make restore` over the same lab.

    What came in between is gone, from the journal as well: simulators send it again, as who it was.
    """
    (name,) = ARCHIVE.findall(_run("backup"))
    try:
        _wait_for_more(scene)
        with scene.replacements.turn:
            _run("restore", "--yes", "--over", "--", name)
            scene.lost[FEED] = _not_in_the_backup(scene)
        scene.cause_is_gone()
        until(scene.is_sending, "the traffic goes on")
        _wait_for_more(scene)
    finally:
        Path(CHECKOUT, name).unlink()
    yield


def _wait_for_more(scene: Scene) -> None:
    versions = len(scene.replacements.sent)
    scene.wait_for_more("more is loaded", than=MORE)
    until(lambda: len(scene.replacements.sent) > versions, "a further version of the file has landed")


def _not_in_the_backup(scene: Scene) -> int:
    """Records of versions that had landed since, or were on their way: the restore has taken them back."""
    read = [counts["read_count"] for (feed, _), counts in scene.counts().items() if feed == FEED]
    return sum(max(0, RECORDS - count) for count in read)


def _run(*arguments: str) -> str:
    """What the command printed; Failed with what it complained of."""
    command = [sys.executable, "-m", "lab", *arguments]
    done = subprocess.run(
        command, cwd=CHECKOUT, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    if done.returncode != 0:
        raise Failed(f"make {arguments[0]} ended with {done.returncode}: {done.stderr.strip()}")
    return done.stdout
