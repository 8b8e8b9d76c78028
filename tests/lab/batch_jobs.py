"""The batch jobs for one test alone: none is started by a timer, nor by tests that run beside it."""

from collections.abc import Iterator
from contextlib import contextmanager

from filelock import FileLock

from instruments.failpoints import resting
from instruments.tools import wait_until
from lab.host import remote
from lab.location import state_folder

SECONDS = 600
UNDER_WAY = "systemctl list-units --plain --no-legend --state=activating 'millrace-batch-*.service'"


def started_by_me() -> FileLock:
    """Whoever starts a job holds it: steps of `make test` that run beside each other share the lab."""
    return FileLock(state_folder() / "batch-jobs.lock", timeout=SECONDS)


@contextmanager
def jobs_at_rest() -> Iterator[None]:
    """No job runs, and nobody else begins one."""
    with started_by_me(), resting("spark", "millrace-batch-*.timer"):
        wait_until(lambda: not remote.run("spark", UNDER_WAY).strip(), "the jobs rest", SECONDS)
        yield
