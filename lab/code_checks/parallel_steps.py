"""Running tools beside each other: each announced as n of m, its output in a log, shown where it failed."""

import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from graphlib import TopologicalSorter

from rich.markup import escape
from rich.progress import Progress, TaskID

from lab.code_checks import closing
from lab.code_checks.step import Outcome, Step
from lab.code_checks.tally import Tally
from lab.host.command_log import Running, ended_together, follow
from lab.screen.output import complain, console, is_terminal, say
from lab.screen.progress import spinner
from lab.sentences import general as sentences
from lab.sentences.machines import STEP

OBSERVE_SECONDS = 1
SAY_SECONDS = 30
"""How often it is said where the steps stand when nobody sees the moving lines."""


class Steps:
    """The steps of one command, counted through: at any moment a person sees which of how many runs, and what is left.

    Of those that may begin the first of the list does. With `most_failures` the run ends once that many tests have
    failed; it ends too when tests tell that the lab is broken. Else one run shows all there is to mend.
    """

    def __init__(self, wanted: Sequence[Step], most_failures: int = 0) -> None:
        self.wanted = wanted
        self.total = len(wanted)
        self.most_failures = most_failures
        self.begun: list[Step] = []
        self.ended: list[Outcome] = []
        self.tallies: dict[str, Tally] = {}
        self.tasks: dict[str, TaskID] = {}
        self.interrupted: set[str] = set()
        self.why_it_ends = ""
        self.lock = threading.Lock()
        self.said = time.monotonic()

    def run(self, lanes: int = 1) -> bool:
        """Runs the steps, `lanes` at a time. Returns whether all succeeded.

        Ctrl-C or SIGTERM ends what runs, and begins nothing more.
        """
        running = Running()
        with spinner() as screen, ThreadPoolExecutor(lanes) as pool:

            def one(step: Step) -> None:
                task = self._announce(step, screen)

                def report(line: str) -> None:
                    screen.update(task, line=escape(line[:100]))
                    if step.prefix:
                        _print(step.prefix + line)

                began = time.monotonic()
                code = follow(step.job, running, report)
                screen.update(task, visible=False)
                self._close(Outcome(step, code, time.monotonic() - began))

            with ended_together(running):
                try:
                    self._in_order(lanes, lambda step: pool.submit(one, step), lambda: self._observe(screen, running))
                except KeyboardInterrupt:
                    self.interrupted |= {step.title for step in self.begun}
                    pool.shutdown(wait=False, cancel_futures=True)
                    raise
        return {step.title for step in self.wanted} <= self._succeeded()

    def _in_order(self, lanes: int, begin: Callable[[Step], Future[None]], observe: Callable[[], None]) -> None:
        """Begins each step once those it waits for have ended; leaves out what needs one that failed."""
        known = {step.title: step for step in self.wanted}
        order = TopologicalSorter(
            {step.title: [title for title in (*step.needs, *step.behind) if title in known] for step in self.wanted}
        )
        order.prepare()
        ready: list[str] = []
        running: dict[Future[None], str] = {}
        while order.is_active():
            ready = sorted([*ready, *order.get_ready()], key=list(known).index)
            while ready and len(running) < lanes and not self.why_it_ends:
                title = ready.pop(0)
                if self._lacks(known[title]):
                    order.done(title)
                    break
                running[begin(known[title])] = title
            else:
                if not running:
                    return
                for ended in wait(running, OBSERVE_SECONDS, FIRST_COMPLETED).done:
                    order.done(running.pop(ended))
                    ended.result()
                observe()

    def _succeeded(self) -> set[str]:
        return {outcome.step.title for outcome in self.ended if outcome.code == 0}

    def _lacks(self, step: Step) -> bool:
        """Whether the step cannot be run; says which it would have needed, and counts it no more."""
        failed = [title for title in step.needs if title not in self._succeeded()]
        if failed:
            self.total -= 1
            complain(sentences.STEP_LEFT_OUT.format(step=step.title, failed=failed[0]))
        return bool(failed)

    def _observe(self, screen: Progress, running: Running) -> None:
        """Says where the steps stand, and ends the run where there is nothing more to learn."""
        with self.lock:
            over = {outcome.step.title for outcome in self.ended}
            now = [step for step in self.begun if step.title not in over]
            for step in now:
                self.tallies[step.title].read()
                screen.update(self.tasks[step.title], description=f"{self._standing(step)} · {self._left()}")
            if now and not is_terminal() and time.monotonic() - self.said >= SAY_SECONDS:
                self._say("; ".join([*map(self._standing, now), self._left()]))
            if not self.why_it_ends and (why := self._why_it_ends()):
                self.why_it_ends = why
                complain(why)
            if self.why_it_ends:
                self._interrupt(now, running)

    def _why_it_ends(self) -> str:
        for tally in self.tallies.values():
            if tally.unhealthy:
                return sentences.ENDS_UNHEALTHY.format(why=tally.unhealthy)
        count = sum(tally.failures for tally in self.tallies.values())
        return sentences.ENDS_AFTER_FAILURES.format(count=count) if 0 < self.most_failures <= count else ""

    def _interrupt(self, steps: Sequence[Step], running: Running) -> None:
        """Ends tests; those that end by their own rule are not cut off in what they say of it."""
        for step in steps:
            tally = self.tallies[step.title]
            ends_itself = tally.unhealthy or tally.failures >= self.most_failures > 0
            if ends_itself or not step.has_tests or step.title in self.interrupted:
                continue
            if running.interrupt(step.job):
                self.interrupted.add(step.title)

    def _standing(self, step: Step) -> str:
        number = STEP.format(number=self.begun.index(step) + 1, total=self.total, title=step.title)
        return " · ".join(filter(None, [number, self.tallies[step.title].standing()]))

    def _left(self) -> str:
        return sentences.STEPS_LEFT.format(left=self.total - len(self.ended))

    def _say(self, line: str) -> None:
        self.said = time.monotonic()
        say(line)
        sys.stdout.flush()

    def _announce(self, step: Step, screen: Progress) -> TaskID:
        with self.lock:
            step.events.unlink(missing_ok=True)
            self.begun.append(step)
            self.tallies[step.title] = Tally(step.events)
            self._say(self._standing(step))
            self.tasks[step.title] = task = screen.add_task(self._standing(step), total=None, line="")
            return task

    def _close(self, outcome: Outcome) -> None:
        with self.lock:
            self.ended.append(outcome)
            self.tallies[outcome.step.title].read()
            self._say(f"{self._result(outcome)}; {self._left()}")
            if outcome.code != 0 and not outcome.step.prefix:
                for line in outcome.step.job.log.read_text(errors="replace").splitlines():
                    _print(line)

    def _result(self, outcome: Outcome) -> str:
        mark = "[green]✓[/]" if outcome.code == 0 else "[red]✗[/]"
        counts = self.tallies[outcome.step.title].counts()
        return f"{mark} {outcome.step.title} [dim]{outcome.seconds:.0f} s[/]" + (f"; {counts}" if counts else "")

    def summarise(self, slowest: int = 0) -> None:
        """What came of it: a line per step, the slowest tests, what was skipped and why, what failed or never ran."""
        say(sentences.STEPS_CLOSING)
        for outcome in self.ended:
            say(self._result(outcome))
        if longest := closing.slowest(self.tallies, slowest):
            say(sentences.TESTS_SLOWEST)
        for line in [*longest, *closing.skips(self.tallies)]:
            _print(line)
        for line in closing.failures(self.tallies):
            complain(line)
        codes = {outcome.step.title: outcome.code for outcome in self.ended}
        whole = {title: code for title, code in codes.items() if code == 0 or title not in self.interrupted}
        if not_run := [step.title for step in self.wanted if step.title not in whole]:
            complain(sentences.STEPS_NOT_RUN.format(steps=", ".join(not_run)))
        if failed := [title for title, code in whole.items() if code != 0]:
            complain(sentences.STEPS_FAILED.format(steps=", ".join(failed)))
        if self.why_it_ends:
            complain(self.why_it_ends)


def lanes() -> int:
    """How many steps run beside each other: one per processor, so that none waits for another's."""
    return os.cpu_count() or 1


def _print(line: str) -> None:
    console().print(escape(line), highlight=False)
