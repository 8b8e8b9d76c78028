"""The steps of a long command: announced as n of m, their times added up at the end."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import orjson
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from lab.location import state_folder
from lab.screen.output import console, is_terminal, say
from lab.sentences import machines as sentences

MOST_RECORDS = 50


@dataclass
class Phase:
    """One step, its time in seconds, and what came of it in a few sentences."""

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
        say(sentences.STEP.format(number=number, total=self.total, title=title))
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


@dataclass(frozen=True)
class Record:
    """The steps of a `make up` that succeeded, and when it ended (UTC)."""

    when: str
    phases: list[Phase]

    @property
    def did(self) -> tuple[str, ...]:
        """The steps that had something to do: all of them from nothing, fewer the more was there."""
        idle = ("", sentences.BOXES_THERE, sentences.NOTHING_CHANGED)
        return tuple(phase.title for phase in self.phases if phase.note not in idle)


def records_file() -> Path:
    """Where they are kept."""
    folder = state_folder() / "log"
    folder.mkdir(exist_ok=True)
    return folder / "up-phases.json"


def recorded() -> list[Record]:
    """The newest of them, the last one last; none where the file is missing or was cut short."""
    try:
        kept = orjson.loads(records_file().read_bytes())
        return [Record(one["when"], [Phase(**phase) for phase in one["phases"]]) for one in kept]
    except (FileNotFoundError, orjson.JSONDecodeError):
        return []


def record(phases: Phases) -> None:
    """Keeps the times of the steps, for `make bench`."""
    now = Record(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}", phases.done)
    kept = [*recorded(), now][-MOST_RECORDS:]
    records_file().write_bytes(orjson.dumps([asdict(one) for one in kept], option=orjson.OPT_INDENT_2))


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
