"""How much lies in archive/ and quarantine/: of what was sent the oldest goes, of what was refused nothing does."""

import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

BLOCK = 512
"""Bytes in which the system counts what a file takes on disk: a small one takes more than it holds."""


@dataclass(frozen=True)
class Bound:
    """Bytes on disk, and files: a million small ones are more than a folder should have."""

    most_bytes: int
    most_files: int = 20_000

    def is_passed(self, size: int, files: int) -> bool:
        return size > self.most_bytes or files > self.most_files


def make_room(folders: Iterable[Path], bound: Bound) -> int:
    """Remove the files that came first, until all folders together keep to the bound; how many went."""
    found = sorted(_files(folders))
    size, files, gone = sum(each[1] for each in found), len(found), 0
    for _came, taken, path in found:
        if not bound.is_passed(size, files):
            break
        with suppress(OSError):
            Path(path).unlink()
        size, files, gone = size - taken, files - 1, gone + 1
    return gone


def is_full(folders: Iterable[Path], bound: Bound) -> bool:
    """Whether all folders together have reached the bound."""
    found = list(_files(folders))
    return bound.is_passed(sum(each[1] for each in found) + 1, len(found) + 1)


def _files(folders: Iterable[Path]) -> Iterable[tuple[int, int, str]]:
    """When each came into its folder, what it takes, and its path; a folder that a person made is a person's."""
    for folder in folders:
        for entry in os.scandir(folder) if folder.is_dir() else ():
            with suppress(FileNotFoundError):
                if entry.is_file(follow_symlinks=False):
                    found = entry.stat(follow_symlinks=False)
                    yield found.st_ctime_ns, found.st_blocks * BLOCK, entry.path
