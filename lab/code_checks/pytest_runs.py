"""How the tests are run: which of them, on which Python, and how many beside each other."""

import sys
from collections.abc import Sequence

from lab.host.downloads import downloads_folder
from lab.location import CHECKOUT

GUEST_PYTHON = (3, 13)
"""What Debian 13 has, and with it the machines that read, clean and load records."""
GUEST_RUNNER = CHECKOUT / "tests" / "guest_python" / "run.sh"
FULL, HOST, BULK = "full", "host", "bulk"
"""Marks: only in a full run; of what only a host does; long, and so run once, on the guests' Python."""


def pytest(
    *folders: str,
    beside: int = 1,
    without: Sequence[str] = (),
    most_failures: int = 0,
    elsewhere: Sequence[str] = (),
) -> list[str]:
    """The command that runs the tests of some folders but for those with a mark of `without`.

    A file's tests stay together, as they share what is costly to make. `most_failures` ends the run; 0 never does.
    `elsewhere`: folders below whose tests other steps run.
    """
    command = ["pytest", *folders, *(f"--ignore={folder}" for folder in elsewhere)]
    if beside > 1:
        command += ["--numprocesses", str(beside), "--dist", "loadfile", "--quiet"]
    if without:
        command += ["-m", " and ".join(f"not {mark}" for mark in without)]
    if most_failures:
        command.append(f"--maxfail={most_failures}")
    return command


def has_guest_python() -> bool:
    """Whether this host's own Python is the guests'."""
    return sys.version_info[:2] == GUEST_PYTHON


def on_guest_python(command: Sequence[str]) -> list[str]:
    """The command, run on the guests' Debian; nothing is written into the checkout but below `.lab`."""
    return [str(GUEST_RUNNER), str(downloads_folder() / "guest-python"), *command, "-p", "no:cacheprovider"]
