"""Commands whose output goes to a file under .lab/log, line by line, while somebody watches the last one."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from rich.markup import escape

from lab.location import CHECKOUT, state_folder
from lab.screen.output import complain, say, visible
from lab.screen.progress import spinner
from lab.sentences import machines as sentences

TAIL_LINES = 12
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
# The tasks that wait for another machine, see ansible/roles/superset/tasks/wait.yml.
WAITS = re.compile(r"TASK \[(?:\w+ : )?(?P<how>Waits|Waited in vain) for (?P<address>\w+ at [\d.]+:\d+)\]")
STOP_TIMEOUT_SECONDS = 60


@dataclass(frozen=True)
class Job:
    """A command of this checkout and the name of its log."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def log(self) -> Path:
        """Where its output stands."""
        folder = state_folder() / "log"
        folder.mkdir(exist_ok=True)
        return folder / f"{self.name}.log"


@dataclass(frozen=True)
class Ended:
    """How a job ended; 0 is success."""

    job: Job
    code: int

    def lines(self) -> list[str]:
        """All it printed."""
        return self.job.log.read_text(errors="replace").splitlines()

    def tail(self) -> str:
        """The last lines it printed."""
        return "\n".join(self.lines()[-TAIL_LINES:])


def run_jobs(title: str, jobs: Sequence[Job]) -> list[Ended]:
    """Runs the jobs at the same time, a moving line for each; on Ctrl-C or SIGTERM lets them end in order.

    One that fails says so at once, while the others, which may wait for it, go on. One that waits for a machine says
    which, also where nobody sees the moving lines.
    """
    running, over = Running(), list[str]()
    with spinner() as screen, ThreadPoolExecutor(max_workers=len(jobs)) as pool:
        lines = [screen.add_task(title.format(what=job.name), total=None, line="") for job in jobs]

        def run(job: Job, task: int) -> Ended:
            def report(line: str) -> None:
                screen.update(lines[task], line=escape(visible(COLOURS.sub("", line))[:100]))
                if (waits := WAITS.search(line)) and waits["how"] == "Waits":
                    say(escape(sentences.WAITS.format(who=job.name, address=waits["address"])))

            code = follow(job, running, report)
            screen.update(lines[task], visible=False)
            over.append(job.name)
            if code != 0 and len(over) < len(jobs):  # others may not even have begun
                complain(
                    sentences.JOB_FAILED.format(what=title.format(what=job.name), log=job.log.relative_to(CHECKOUT))
                )
            return Ended(job, code)

        with ended_together(running):
            return list(pool.map(run, jobs, range(len(jobs))))


@contextmanager
def ended_together(running: "Running") -> Iterator[None]:
    """On Ctrl-C or SIGTERM what runs is ended in order. For the main thread: no other may say what a signal does."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt:
        running.stop()
        raise
    finally:
        signal.signal(signal.SIGTERM, before)


def follow(job: Job, running: "Running", report: Callable[[str], None]) -> int:
    """Runs the job to its end, its output in its log and told line by line; its exit code."""
    with start(job) as process:
        running.add(job, process)
        return copy_output(process, job.log, report)


def start(job: Job) -> subprocess.Popen[str]:
    """The job, running in the checkout with no input."""
    return subprocess.Popen(
        job.command,
        cwd=CHECKOUT,
        env={**os.environ, **job.environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )


def copy_output(process: subprocess.Popen[str], log: Path, report: Callable[[str], None]) -> int:
    """Writes every line to the log as it comes, tells it, and returns the exit code."""
    assert process.stdout is not None  # noqa: S101 - PIPE was asked for
    with log.open("w") as file:
        for line in process.stdout:
            file.write(line)
            file.flush()
            if line.strip():
                report(line.strip())
    return process.wait()


class Running:
    """Processes that run beside each other, begun by threads and ended together."""

    def __init__(self) -> None:
        self._processes: dict[str, subprocess.Popen[str]] = {}
        self._lock = Lock()
        self._are_stopped = False

    def add(self, job: Job, process: subprocess.Popen[str]) -> None:
        """One more; it ends at once where the others were stopped while it began."""
        with self._lock:
            self._processes[job.name] = process
            is_late = self._are_stopped
        if is_late:
            process.terminate()

    def interrupt(self, job: Job) -> bool:
        """Asks one of them to stop as Ctrl-C does, and does not wait; whether it was running."""
        with self._lock:
            process = self._processes.get(job.name)
        if process is None or process.poll() is not None:
            return False
        try:
            process.send_signal(signal.SIGINT)
        except PermissionError:  # it runs as root, by sudo
            return False
        return True

    def stop(self) -> None:
        """Asks each to stop as Ctrl-C does, so that Vagrant unlocks its machines, and waits.

        At a terminal Ctrl-C has reached them already, and a second one would end them at once.
        """
        with self._lock:
            self._are_stopped = True
            processes = list(self._processes.values())
        for process in processes:
            if process.poll() is None and not sys.stdin.isatty():
                process.send_signal(signal.SIGINT)
        for process in processes:
            try:
                process.wait(STOP_TIMEOUT_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
