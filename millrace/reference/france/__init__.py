"""Departments, regions and employment zones of France by their official codes (INSEE), as the feeds need them.

The lists lie beside this file. Migrations put the same lists into MySQL; tests hold both together.
"""

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources

OVERSEAS_COLLECTIVITIES = "00"
"""Not INSEE's: the collectivities belong to no region, and a figure must still be added up somewhere."""


@dataclass(frozen=True)
class Region:
    """`map_code`: what Superset's map of regions calls it; empty for what is on no map."""

    code: str
    name: str
    map_code: str


@dataclass(frozen=True)
class Department:
    """`region` is a region's code, `map_code` ISO 3166-2, `population` that of 2020; None where it is not known."""

    code: str
    name: str
    region: str
    map_code: str
    population: int | None


@dataclass(frozen=True)
class Zone:
    """An employment zone of 2020. Most lie in one region; those whose code begins with 00 span the ones named."""

    code: str
    name: str
    regions: tuple[str, ...]


@cache
def regions() -> dict[str, Region]:
    """The regions by code, two characters."""
    return {row["code"]: Region(**row) for row in _rows("regions.csv")}


@cache
def departments() -> dict[str, Department]:
    """The departments and overseas collectivities by code: 01, 2A, 971."""
    return {
        row["code"]: Department(
            row["code"], row["name"], row["region"], row["map_code"], int(row["population"] or 0) or None
        )
        for row in _rows("departments.csv")
    }


@cache
def zones() -> dict[str, Zone]:
    """The employment zones by code, four digits."""
    return {row["code"]: Zone(row["code"], row["name"], tuple(row["regions"].split())) for row in _rows("zones.csv")}


def _rows(name: str) -> list[dict[str, str]]:
    text = resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
