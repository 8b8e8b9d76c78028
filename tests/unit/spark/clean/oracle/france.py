"""What docs/feeds.md promises of computed columns: hospital and employment."""

import csv
from calendar import monthrange
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from millrace.feed_names import FOLDER
from tests.unit.spark.clean.oracle.undecided import UNDECIDED

LISTS = FOLDER.parent / "millrace" / "reference" / "france"
FIRST_YEAR, LAST_YEAR = 1900, 2999
FEW_JOBS = 10


def _listed(name: str, column: str) -> dict[str, str]:
    with (LISTS / name).open(encoding="utf-8", newline="") as file:
        return {row["code"]: row[column] for row in csv.DictReader(file)}


REGION_OF = _listed("departments.csv", "region")
ZONE_NAMES, ZONE_REGIONS = _listed("zones.csv", "name"), _listed("zones.csv", "regions")
REGION_NAMES = {code: name for code, name in _listed("regions.csv", "name").items() if code != "00"}


def _region_of(department: str | None, stated: str | None) -> str | None:
    region = REGION_OF.get(department or "")
    return region if stated in {None, region} else None


def _hospital_version(published: date | None, day: date | None) -> date | None:
    return (published or day) if day and FIRST_YEAR <= day.year <= LAST_YEAR else None


def _quarter(last_day: date | None, year: int | None, number: int | None) -> date | None:
    stated = None
    if year is not None and number is not None and FIRST_YEAR <= year <= LAST_YEAR and 1 <= number <= 4:
        stated = date(year, 3 * number, monthrange(year, 3 * number)[1])
    if last_day is None:
        return stated
    is_last = last_day.month % 3 == 0 and last_day.day == monthrange(last_day.year, last_day.month)[1]
    is_possible = is_last and FIRST_YEAR <= last_day.year <= LAST_YEAR
    return last_day if is_possible and stated in {None, last_day} else None


def _employment_version(published: date | None, *quarter: Any) -> date | None:
    return published or _quarter(*quarter)


def _part(code: str | None, name: str | None, record: int | None) -> Any:
    if code is None and name is not None:
        return UNDECIDED
    return code or (f"#{record}" if record is not None else "all")


def _name(names: dict[str, str]) -> Callable[[str | None, str | None], Any]:
    """A name that is the code's, or is not there, is the code's; what is mended and what is not, no rule says."""
    return lambda code, text: names[code] if code in names and text in {None, names[code]} else UNDECIDED


def _repaired(zone: str, zone_text: str | None, region: str, region_text: str | None) -> Any:
    is_as_sent = ZONE_NAMES.get(zone) == zone_text and REGION_NAMES.get(region) == region_text
    return False if is_as_sent else UNDECIDED


def _misplaced(zone: str | None, region: str | None) -> bool:
    if zone is None or region is None:
        return False
    regions = ZONE_REGIONS.get(zone, zone[:2]).split()
    return region not in regions and "00" not in regions


def _in_doubt(
    jobs: int | None, adjusted: int | None, payroll: Decimal | None, adjusted_payroll: Decimal | None
) -> bool:
    is_few = max(jobs or 0, adjusted or 0) <= FEW_JOBS
    return (not is_few and _are_apart(jobs, adjusted)) or _are_apart(payroll, adjusted_payroll)


def _are_apart(raw: int | Decimal | None, adjusted: int | Decimal | None) -> bool:
    if raw is None or adjusted is None:
        return False
    return max(raw, adjusted) > 0 and max(raw, adjusted) >= 3 * min(raw, adjusted)


HOSPITAL: dict[str, Callable[..., Any]] = {"region_of": _region_of, "version": _hospital_version}
EMPLOYMENT: dict[str, Callable[..., Any]] = {
    "quarter": _quarter,
    "version": _employment_version,
    "part": _part,
    "zone_name": _name(ZONE_NAMES),
    "region_name": _name(REGION_NAMES),
    "repaired": _repaired,
    "misplaced": _misplaced,
    "in_doubt": _in_doubt,
}
