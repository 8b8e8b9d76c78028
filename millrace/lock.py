"""One process at a time, a second one is refused or waits: locks, which the kernel gives back however a holder ends."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from millrace.errors import Refused


@contextmanager
def alone(lock: Path, busy: str, me: str = "") -> Iterator[None]:
    """Hold the lock while the context is open. Refused with the sentence `busy` while another process holds it.

    `{holder}` in the sentence is what that process has said of itself as `me`.
    """
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise Refused(busy.replace("{holder}", file.read())) from None
        file.truncate(0)
        file.write(me)
        file.flush()
        yield


@contextmanager
def in_turn(folder: Path) -> Iterator[None]:
    """Hold the folder itself while the context is open, without a file in it; who comes meanwhile waits."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
