"""The steps of a long command: announced as n of m, their times added up at the end."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from lab import machine_words as words
from lab.screen import console, is_terminal, say


@dataclass
class Phase:
    """One step, its time in seconds, and what came of it in a few words."""

    title: str
    seconds: float = 0.0
    note: str = ""


@dataclass
class Phases:
    """The steps of one command, in order."""

    total: int
    done: list[Phase] = field(default_factory=list)

    def add(self, title: str, seconds: float) -> None:
        """A step that somebody else took the time of."""
        self.done.append(Phase(title, seconds))

    @contextmanager
    def step(self, title: str) -> Iterator[Phase]:
        """Announces the step, and keeps its time also when it fails."""
        number = len(self.done) + 1
        say(words.STEP.format(number=number, total=self.total, title=title))
        phase = Phase(title)
        began = time.monotonic()
        try:
            yield phase
        finally:
            phase.seconds = time.monotonic() - began
            self.done.append(phase)

    def rows(self) -> list[list[object]]:
        """Step, seconds, note; the sum last."""
        rows: list[list[object]] = [[phase.title, f"{phase.seconds:.0f}", phase.note] for phase in self.done]
        return [*rows, ["together", f"{sum(phase.seconds for phase in self.done):.0f}", ""]]


def spinner() -> Progress:
    """Lines that move while something runs; nothing where nobody looks at a terminal."""
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TextColumn("[dim]{task.fields[line]}[/]"),
        TimeElapsedColumn(),
        console=console(stderr=True),
        disable=not is_terminal(),
        transient=True,
    )
