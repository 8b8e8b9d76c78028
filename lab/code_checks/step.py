"""A step of `make check` or `make test`: a tool that is run, and how it ended."""

import os
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lab.host.command_log import Job

TOOLS = Path(sys.executable).parent


@dataclass(frozen=True)
class Step:
    """A tool to run in the checkout; its exit code 0 is success.

    With a prefix, which tells it from the others, its output goes to the screen as it comes.
    `needs`: titles of steps that must have succeeded before it; `behind`: of those that must have ended.
    `has_tests`: it runs tests of ours, which report how far they are (tally.py).
    """

    title: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    prefix: str = ""
    needs: Sequence[str] = ()
    behind: Sequence[str] = ()
    has_tests: bool = False

    @property
    def job(self) -> Job:
        """The step with a log named after it."""
        reporting = [f"--events={self.events}"] if self.has_tests else []
        return Job(self._name, [*self.command, *reporting], {**tools_first(), **self.environment})

    @property
    def events(self) -> Path:
        """Where its tests report, beside its log."""
        return Job(self._name, ()).log.with_suffix(".jsonl")

    @property
    def _name(self) -> str:
        return f"step-{re.sub(r'[^A-Za-z-]+', '-', self.title)}"


@dataclass(frozen=True)
class Outcome:
    """How a step ended and how long it took, in seconds."""

    step: Step
    code: int
    seconds: float


def tools_first() -> dict[str, str]:
    """The tools of the checkout's venv first on the PATH."""
    return {"PATH": f"{TOOLS}{os.pathsep}{os.environ.get('PATH', '')}"}
