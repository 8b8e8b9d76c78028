"""One process at a time: a lock on a file, which the kernel gives back however its holder ends."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from millrace.errors import Refused


@contextmanager
def alone(lock: Path, busy: str) -> Iterator[None]:
    """Hold the lock while the context is open. Refused with the sentence `busy` while another process holds it."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused(busy) from None
        yield
