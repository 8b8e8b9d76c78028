"""Figures of several runs: each with its least, middle and greatest value, as a table and as a document."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain
from statistics import median
from typing import Any, NamedTuple

from millrace.errors import Refused


class WrongCount(Refused):
    """Records were lost, or counted twice: what was measured meanwhile is worth nothing."""


class Name(NamedTuple):
    """What a figure tells, and in which unit. Of those of one group the table shows only the greatest."""

    figure: str
    unit: str
    group: str = ""


@dataclass(frozen=True)
class Options:
    """How often each benchmark is run, how many rows it sends (or grows a table to), how long its load lasts."""

    times: int = 3
    rows: int = 200_000
    seconds: int = 60


Measured = Mapping[Name, float | Refused]
"""What one run of a benchmark came to, or why a figure is none."""


def ratios(own: Name, others: Iterable[Name], measured: Measured) -> dict[Name, float | Refused]:
    """How many times as much as each other figure one is, in the same run; none where it is void itself."""
    found: dict[Name, float | Refused] = {}
    if own not in measured or isinstance(value := measured[own], Refused):
        return found
    for other in others:
        than, name = measured[other], Name(f"{own.figure} / {other.figure}", "ratio")
        found[name] = Refused(f"{other.figure} is void.") if isinstance(than, Refused) else value / than
    return found


MOST_OF_GROUP = 4


@dataclass
class Figures:
    """A benchmark's figures, run after run; `void` says why there are none, `voids` why one of them is none.

    What is void takes with it all figures whose names begin like its own.
    """

    benchmark: str
    values: dict[Name, list[float]] = field(default_factory=dict)
    void: str = ""
    voids: dict[str, str] = field(default_factory=dict)
    is_wrong: bool = False
    """A count was wrong."""

    def add(self, measured: Measured) -> None:
        """What another run came to."""
        for name, value in measured.items():
            if isinstance(value, Refused):
                self.voids[name.figure] = str(value)
                self.is_wrong = self.is_wrong or isinstance(value, WrongCount)
            else:
                self.values.setdefault(name, []).append(value)
        self.values = {name: of for name, of in self.values.items() if not name.figure.startswith(tuple(self.voids))}

    def give_up(self, why: Refused) -> None:
        """A run failed: the ones before it are void with it."""
        self.values, self.void, self.is_wrong = {}, str(why), isinstance(why, WrongCount)

    def rows(self) -> list[list[object]]:
        """Benchmark, figure, unit, min, median, max, runs."""
        shown = {name for name in self.values if not name.group or name in self._greatest(name.group)}
        found: list[list[object]] = [
            [self.benchmark, name.figure, name.unit, *map(written, (min(of), median(of), max(of))), len(of)]
            for name, of in self.values.items()
            if name in shown
        ]
        return found + [[self.benchmark, figure, "", "void", "void", "void", 0] for figure in self.voids]

    def _greatest(self, group: str) -> list[Name]:
        names = [name for name in self.values if name.group == group]
        return sorted(names, key=lambda name: median(self.values[name]), reverse=True)[:MOST_OF_GROUP]

    def reasons(self) -> dict[str, str]:
        """Why there is no figure, by benchmark, or by benchmark and figure."""
        all_of_it = {self.benchmark: self.void} if self.void else {}
        return all_of_it | {f"{self.benchmark}, {figure}": why for figure, why in self.voids.items()}

    def as_json(self) -> list[dict[str, Any]]:
        """The same, with every value."""
        return [
            {
                "benchmark": self.benchmark,
                "figure": name.figure,
                "unit": name.unit,
                "min": min(values),
                "median": median(values),
                "max": max(values),
                "runs": len(values),
                "values": values,
            }
            for name, values in self.values.items()
        ]


def written(value: float) -> str:
    """As a person reads it: thousands with commas, small ones with two digits behind the point."""
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:,.2f}"


def machine() -> dict[str, Any]:
    """What the figures were taken on: processors, memory in bytes, and how busy it is now."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {"cores": os.cpu_count(), "memory_bytes": memory, "load": [round(load, 2) for load in os.getloadavg()]}


def document(found: list[Figures], options: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """All of it for scripts; `before` is the machine as it was when the first benchmark began."""
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": before,
        "load_after": machine()["load"],
        "options": dict(options),
        "figures": [figure for one in found for figure in one.as_json()],
        "void": dict(chain.from_iterable(one.reasons().items() for one in found)),
    }
