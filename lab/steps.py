"""Running tools one after the other: step n of m, its time, and what failed."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lab import words
from lab.place import CHECKOUT
from lab.screen import complain, say

TOOLS = Path(sys.executable).parent


@dataclass(frozen=True)
class Step:
    """A tool to run in the checkout; its exit code 0 is success."""

    title: str
    command: Sequence[str]


@dataclass(frozen=True)
class Outcome:
    """How a step ended and how long it took, in seconds."""

    step: Step
    code: int
    seconds: float


def run_steps(steps: Sequence[Step]) -> list[Outcome]:
    """Runs every step, also after a failure, so that one run shows all there is to mend."""
    return [run_step(step, number, len(steps)) for number, step in enumerate(steps, start=1)]


def run_step(step: Step, number: int, total: int) -> Outcome:
    """Runs one step with its output going straight to the screen."""
    say(f"[bold]step {number} of {total}:[/] {step.title}")
    sys.stdout.flush()
    began = time.monotonic()
    done = subprocess.run(step.command, cwd=CHECKOUT, env=environment(), stdin=subprocess.DEVNULL, check=False)
    return Outcome(step, done.returncode, time.monotonic() - began)


def environment() -> dict[str, str]:
    """Our own environment with the tools of the checkout's venv first on the PATH."""
    return {**os.environ, "PATH": f"{TOOLS}{os.pathsep}{os.environ.get('PATH', '')}"}


def summarise(outcomes: Sequence[Outcome]) -> bool:
    """One line per step; whether all succeeded."""
    for outcome in outcomes:
        mark = "[green]✓[/]" if outcome.code == 0 else "[red]✗[/]"
        say(f"{mark} {outcome.step.title} [dim]{outcome.seconds:.0f} s[/]")
    failed = [outcome.step.title for outcome in outcomes if outcome.code != 0]
    if failed:
        complain(words.STEPS_FAILED.format(steps=", ".join(failed)))
    return not failed
