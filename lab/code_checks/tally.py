"""What the tests of a step report while they run: events as lines of JSON, written by tests/run_report.py."""

from dataclasses import dataclass, field
from pathlib import Path

import orjson

from lab.sentences import general as sentences

CRASHED = "???"
"""When a test ended whose process did not survive it, as pytest-xdist has it."""


@dataclass(frozen=True)
class RunEvent:
    """One event: how many tests there are; what a test came to `when` (setup, call, teardown, collect), in how many
    seconds and why; or what is wrong with the lab, for which the tests end."""

    total: int = 0
    test: str = ""
    when: str = ""
    outcome: str = ""
    seconds: float = 0.0
    why: str = ""
    unhealthy: str = ""


@dataclass
class Tally:
    """The sum of what a step's tests have reported until now.

    `failures`: as pytest counts them, a test that fails and then in its teardown for two.
    """

    file: Path
    total: int = 0
    done: set[str] = field(default_factory=set)
    failed: dict[str, str] = field(default_factory=dict)
    failures: int = 0
    skipped: dict[str, str] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    unhealthy: str = ""
    position: int = 0

    def read(self) -> None:
        """Adds what has come; a line that is not whole yet comes with the next call."""
        if not self.file.is_file():
            return
        with self.file.open("rb") as file:
            file.seek(self.position)
            for line in file:
                if not line.endswith(b"\n"):
                    break
                self.position += len(line)
                self._add(RunEvent(**orjson.loads(line)))

    def _add(self, event: RunEvent) -> None:
        self.total = event.total or self.total
        self.unhealthy = event.unhealthy or self.unhealthy
        if event.when in {"teardown", CRASHED}:
            self.done.add(event.test)
        if event.outcome == "failed":
            self.failed.setdefault(event.test, event.why)
            self.failures += 1
        if event.outcome == "skipped":
            self.skipped[event.test] = event.why
        if event.test:
            self.seconds[event.test] = self.seconds.get(event.test, 0.0) + event.seconds

    def standing(self) -> str:
        """How far the tests are; nothing before they have been counted."""
        return sentences.TESTS_STAND.format(done=len(self.done), total=self.total) if self.total else ""

    def counts(self) -> str:
        """What the tests came to; nothing where there are none."""
        passed = len(self.done - self.failed.keys() - self.skipped.keys())
        counts = {"passed": passed, "failed": len(self.failed), "skipped": len(self.skipped)}
        return ", ".join(f"{count:,} {what}" for what, count in counts.items() if count)
