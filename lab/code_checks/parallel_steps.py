"""Running tools beside each other: each announced as n of m, its output in a log, shown where it failed."""

import os
import re
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from pathlib import Path

from rich.markup import escape

from lab.host.command_log import Job, Running, ended_together, follow
from lab.screen.output import complain, console, say
from lab.screen.progress import spinner
from lab.sentences import general as sentences

TOOLS = Path(sys.executable).parent
SUMMARY = " short test summary info "
"""pytest's heading above what it skipped, what failed, and its closing line."""


@dataclass(frozen=True)
class Step:
    """A tool to run in the checkout; its exit code 0 is success.

    With a prefix, which tells it from the others, its output goes to the screen as it comes.
    `needs`: titles of steps that must have succeeded before it; `behind`: of those that must have ended.
    """

    title: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    prefix: str = ""
    needs: Sequence[str] = ()
    behind: Sequence[str] = ()

    @property
    def job(self) -> Job:
        """The step with a log named after it."""
        return Job(
            f"step-{re.sub(r'[^A-Za-z-]+', '-', self.title)}", self.command, {**tools_first(), **self.environment}
        )


@dataclass(frozen=True)
class Outcome:
    """How a step ended and how long it took, in seconds."""

    step: Step
    code: int
    seconds: float


class Steps:
    """The steps of one command, counted through: at any moment a person sees which of how many runs."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.begun: list[Step] = []
        self.ended: list[Outcome] = []
        self.lock = threading.Lock()

    def run(self, steps: Sequence[Step], lanes: int = 1) -> bool:
        """Runs the steps, `lanes` at a time, also after a failure: one run shows all there is to mend.

        Of those that may begin the first of the list does. Returns whether all succeeded. Ctrl-C or SIGTERM
        ends what runs, and begins nothing more.
        """
        running = Running()
        with spinner() as screen, ThreadPoolExecutor(lanes) as pool:

            def one(step: Step) -> None:
                self._announce(step)
                task = screen.add_task(step.title, total=None, line="")

                def report(line: str) -> None:
                    screen.update(task, line=line[:100])
                    if step.prefix:
                        _print(step.prefix + line)

                began = time.monotonic()
                code = follow(step.job, running, report)
                screen.update(task, visible=False)
                self._close(Outcome(step, code, time.monotonic() - began))

            with ended_together(running):
                try:
                    self._in_order(steps, lanes, lambda step: pool.submit(one, step))
                except KeyboardInterrupt:
                    pool.shutdown(wait=False, cancel_futures=True)
                    raise
        return {step.title for step in steps} <= self._succeeded()

    def _in_order(self, steps: Sequence[Step], lanes: int, begin: Callable[[Step], Future[None]]) -> None:
        """Begins each step once those it waits for have ended; leaves out what needs one that failed."""
        known = {step.title: step for step in steps}
        order = TopologicalSorter(
            {step.title: [title for title in (*step.needs, *step.behind) if title in known] for step in steps}
        )
        order.prepare()
        ready: list[str] = []
        running: dict[Future[None], str] = {}
        while order.is_active():
            ready = sorted([*ready, *order.get_ready()], key=list(known).index)
            while ready and len(running) < lanes:
                title = ready.pop(0)
                if self._lacks(known[title]):
                    order.done(title)
                    break
                running[begin(known[title])] = title
            else:
                for ended in wait(running, return_when=FIRST_COMPLETED).done:
                    order.done(running.pop(ended))
                    ended.result()

    def _succeeded(self) -> set[str]:
        return {outcome.step.title for outcome in self.ended if outcome.code == 0}

    def _lacks(self, step: Step) -> bool:
        """Whether the step cannot be run; says which it would have needed."""
        failed = [title for title in step.needs if title not in self._succeeded()]
        if failed:
            complain(sentences.STEP_LEFT_OUT.format(step=step.title, failed=failed[0]))
        return bool(failed)

    def summarise(self) -> bool:
        """One line per step; whether all succeeded."""
        for outcome in self.ended:
            say(f"{_mark(outcome)} {outcome.step.title} [dim]{outcome.seconds:.0f} s[/]")
        failed = [outcome.step.title for outcome in self.ended if outcome.code != 0]
        if failed:
            complain(sentences.STEPS_FAILED.format(steps=", ".join(failed)))
        return not failed

    def _announce(self, step: Step) -> None:
        with self.lock:
            self.begun.append(step)
            say(f"[bold]step {len(self.begun)} of {self.total}:[/] {step.title}")
            sys.stdout.flush()

    def _close(self, outcome: Outcome) -> None:
        with self.lock:
            self.ended.append(outcome)
            left = sentences.STEPS_LEFT.format(left=self.total - len(self.ended))
            say(f"{_mark(outcome)} {outcome.step.title} [dim]{outcome.seconds:.0f} s; {left}[/]")
            if not outcome.step.prefix:
                for line in worth_showing(outcome):
                    _print(line)
            sys.stdout.flush()


def worth_showing(outcome: Outcome) -> list[str]:
    """Of a step that failed all it printed; of tests that passed what they skipped and their closing line."""
    lines = outcome.step.job.log.read_text(errors="replace").splitlines()
    if outcome.code != 0:
        return lines
    heading = next((number for number, line in enumerate(lines) if SUMMARY in line), None)
    if heading is not None:
        return lines[heading + 1 :]
    return [line for line in lines[-1:] if line.startswith("=")]


def tools_first() -> dict[str, str]:
    """The tools of the checkout's venv first on the PATH."""
    return {"PATH": f"{TOOLS}{os.pathsep}{os.environ.get('PATH', '')}"}


def lanes() -> int:
    """How many steps run beside each other: one per processor, so that none waits for another's."""
    return os.cpu_count() or 1


def _mark(outcome: Outcome) -> str:
    return "[green]✓[/]" if outcome.code == 0 else "[red]✗[/]"


def _print(line: str) -> None:
    console().print(escape(line), highlight=False)
