"""What the simulated rates must come out at: feeds/insurance_rate/calibration.csv, a condensed table of means.

Each line is a cell: year, state, metal level, with its mean monthly rate at 21 and, at seven ages, how many times that
rate is paid. The first line holds the age curve of every cell that has none of its own.
"""

import csv
from dataclasses import dataclass
from functools import cache
from hashlib import sha256

from millrace.feed_names import FOLDER

FILE = FOLDER / "insurance_rate" / "calibration.csv"
ANCHORS = (20, 21, 27, 30, 40, 50, 60)
"""The ages with a known mean; 20 stands for the band 0-20."""

AGES = ("0-20", *(str(age) for age in range(21, 65)), "65 and over")
OLDEST = 64
GROWTH_AFTER_60 = 3.0 / 2.714
"""From 60 to 64, where rates stop rising: the federal age curve (45 CFR 147.102)."""


@dataclass(frozen=True)
class Cell:
    """A year, state and metal level, and its mean rates in dollars: one per age of AGES."""

    year: int
    state: str
    metal: str
    areas: int
    rates: tuple[float, ...]


@cache
def cells() -> tuple[Cell, ...]:
    """Every cell, in the file's order."""
    with FILE.open(encoding="utf-8", newline="") as file:
        common, *lines = csv.DictReader(file)
    return tuple(_cell(line, common) for line in lines)


@cache
def fingerprint() -> str:
    """Tells this calibration from another: other means are other data."""
    return sha256(FILE.read_bytes()).hexdigest()[:16]


def _cell(line: dict[str, str], common: dict[str, str]) -> Cell:
    names = ["times_at_0_20", *(f"times_at_{age}" for age in ANCHORS[2:])]
    times = [float(line[name] or common[name]) for name in names]
    known = [times[0], 1.0, *times[1:]]
    base = float(line["rate_at_21"])
    rates = tuple(base * _times(20 + index, known) for index in range(len(AGES)))
    return Cell(int(line["business_year"]), line["state_code"], line["metal_level"], int(line["rating_areas"]), rates)


def _times(age: int, known: list[float]) -> float:
    """The curve at an age: through the known ages, by equal growth per year between them."""
    if age >= ANCHORS[-1]:
        years = (min(age, OLDEST) - ANCHORS[-1]) / (OLDEST - ANCHORS[-1])
        return float(known[-1] * GROWTH_AFTER_60**years)
    index = max(i for i, anchor in enumerate(ANCHORS) if anchor <= age)
    share = (age - ANCHORS[index]) / (ANCHORS[index + 1] - ANCHORS[index])
    return float(known[index] * (known[index + 1] / known[index]) ** share)
