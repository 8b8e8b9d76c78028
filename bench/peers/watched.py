"""A peer at work: its process, the rows it has written so far, and the processor time it took."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import SecretStr

from bench.peers.task import Start, Task
from bench.processor_time import of_session
from millrace.errors import Refused
from millrace.waiting import Patience

POLL_SECONDS = 0.5
PATIENCE_SECONDS = 300
END_SECONDS = 30
LOG, LAST = "log", 400
Count = Callable[[], int]


@dataclass
class Course:
    """When how many rows were there, in seconds from the start; and the processor seconds of this host until then."""

    points: list[tuple[float, int]] = field(default_factory=list)
    host_seconds: float = 0.0

    @property
    def rows(self) -> int:
        """The last that were seen."""
        return self.points[-1][1] if self.points else 0

    @property
    def seconds(self) -> float:
        """From the start to the last row."""
        return self.points[-1][0]

    @property
    def rows_per_second(self) -> float | None:
        """From the first rows that were seen to the last; None where all came at once."""
        (began, before), (ended, after) = self.points[0], self.points[-1]
        return (after - before) / (ended - began) if ended > began else None


def course_of(task: Task, start: Start, written: Count, stored: Count) -> Course:
    """Runs the peer until all rows of the task are stored, then ends it.

    `written` is cheap and may run ahead of the commit; `stored`, which counts, is asked once that says all are there.
    Refused where the peer ends before, or gets no further for a while, with what it said last.
    """
    course, log = Course(), task.folder / LOG
    with started(start, log) as process:
        began, waiting = time.monotonic(), Patience(PATIENCE_SECONDS)
        while True:
            # Asked before it is waited for: then the kernel forgets its time.
            course.host_seconds = max(course.host_seconds, of_session(process.pid))
            has_ended = process.poll() is not None
            now = time.monotonic()
            found = written()
            is_last = has_ended or found >= task.rows
            if is_last:
                found = stored()
            if found > course.rows:
                course.points.append((now - began, found))
                waiting.moved()
            if is_last and found >= task.rows:
                return course
            if has_ended or waiting.is_over:
                what = "ended" if has_ended else f"wrote nothing for {PATIENCE_SECONDS} s"
                said = last_words(log, task.password, task.kafka.password)
                raise Refused(f"It {what} after {found:,} of {task.rows:,} rows: {said}")
            time.sleep(POLL_SECONDS)


@contextmanager
def started(start: Start, log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """The process in a session of its own; afterwards it is ended, and may leave its consumer group first."""
    with log.open("wb") as said:
        process = subprocess.Popen(
            start.command,
            env=os.environ | start.environment,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        for number in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError, subprocess.TimeoutExpired):
                os.killpg(process.pid, number)
                process.wait(END_SECONDS)
        process.wait()


def last_words(log: Path, *passwords: SecretStr) -> str:
    """The end of what the process said, on one line; some say their settings."""
    said = log.read_text(errors="replace")
    for password in passwords:
        said = said.replace(password.get_secret_value() or "\0", str(password))
    return " ".join(said[-LAST:].split()) or "it said nothing"
