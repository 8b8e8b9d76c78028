"""The lake's folders. A day is published by turning one symbolic link: readers see it before or after, never between.

    LAKE/<feed>/loaded_on=2026-11-24 → LAKE/.days/<feed>/2026-11-24/<version>/…parquet

A version never changes once the link shows it. The one before stays for readers that have just listed its files.
"""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

PARTITION = "loaded_on"
"""The column that readers get from the folders' names; no contract has one of that name."""
STATE = "_state.json"
"""Names that begin with _ are no data to Spark."""
BLOCK = 512
"""Bytes in which the system counts what a file takes on disk."""


@dataclass(frozen=True)
class State:
    """What a version holds: its rows, their topic and newest load, the newest replacement it knows of, its columns."""

    topic_uuid: str
    through_load: int
    replaced_through: int
    rows: int
    shape: str = ""
    """Digest of the columns; empty where a release wrote it that kept none."""


@dataclass(frozen=True)
class Day:
    """One feed's day in the lake."""

    lake: Path
    feed: str
    day: date

    @property
    def link(self) -> Path:
        """What readers see."""
        return self.lake / self.feed / f"{PARTITION}={self.day:%Y-%m-%d}"

    @property
    def versions(self) -> Path:
        return self.lake / ".days" / self.feed / f"{self.day:%Y-%m-%d}"

    def state(self) -> State | None:
        """The state of the published version; None before the first."""
        file = self.link / STATE
        return State(**json.loads(file.read_text(encoding="utf-8"))) if file.exists() else None

    def files(self) -> list[Path]:
        """The published Parquet files."""
        return sorted(self.link.resolve().glob("*.parquet")) if self.link.exists() else []

    def new_version(self) -> Path:
        """An empty folder for the next version; what an earlier run left unpublished is gone."""
        shown = self._shown()
        for number in self._numbers():
            if number > shown:
                shutil.rmtree(self.versions / str(number))
        version = self.versions / str(shown + 1)
        version.mkdir(parents=True)
        return version

    def publish(self, version: Path, state: State) -> None:
        """Shows that version to readers, at once and as a whole."""
        (version / STATE).write_text(json.dumps(asdict(state)), encoding="utf-8")
        self.link.parent.mkdir(parents=True, exist_ok=True)
        turned = self.lake / ".days" / self.feed / f".link-{self.day:%Y-%m-%d}"
        turned.unlink(missing_ok=True)
        turned.symlink_to(os.path.relpath(version, self.link.parent))
        turned.replace(self.link)
        for number in self._numbers():
            if number < int(version.name) - 1:
                shutil.rmtree(self.versions / str(number))

    def bytes_on_disk(self) -> int:
        """What all of its versions take; a file that several of them show counts once."""
        found = [path.stat() for path in self.versions.rglob("*") if path.is_file()]
        return sum({each.st_ino: each.st_blocks * BLOCK for each in found}.values())

    def remove(self) -> None:
        """Takes the day out of the lake, its link first, so that no reader meets one that leads nowhere for long."""
        self.link.unlink()
        shutil.rmtree(self.versions, ignore_errors=True)

    def _shown(self) -> int:
        return int(self.link.readlink().name) if self.link.is_symlink() else 0

    def _numbers(self) -> list[int]:
        return [int(path.name) for path in self.versions.iterdir()] if self.versions.exists() else []


def days(lake: Path, feed: str) -> list[Day]:
    """The published days of a feed, oldest first."""
    links = sorted((lake / feed).glob(f"{PARTITION}=*"))
    return [Day(lake, feed, date.fromisoformat(link.name.removeprefix(f"{PARTITION}="))) for link in links]


def forget(lake: Path, feed: str) -> None:
    """Takes a feed out of the lake."""
    for day in days(lake, feed):
        day.remove()
    shutil.rmtree(lake / ".days" / feed, ignore_errors=True)


def make_room(lake: Path, most_bytes: int) -> list[Day]:
    """Takes out the oldest days until all feeds together keep to the bound; those that went.

    Each feed's newest day stays: it says how far the feed is in the lake.
    """
    feeds = [folder.name for folder in lake.iterdir() if folder.is_dir() and not folder.name.startswith(".")]
    taken = {day: day.bytes_on_disk() for feed in feeds for day in days(lake, feed)}
    may_go = [day for feed in feeds for day in days(lake, feed)[:-1]]
    total, gone = sum(taken.values()), list[Day]()
    for day in sorted(may_go, key=lambda day: (day.day, day.feed)):
        if total <= most_bytes:
            break
        day.remove()
        total -= taken[day]
        gone.append(day)
    return gone


@contextmanager
def staging(lake: Path, feed: str) -> Iterator[Path]:
    """A folder for files on their way, empty at first and gone at the end."""
    folder = lake / ".staging" / feed
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)
