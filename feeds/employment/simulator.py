"""Made-up jobs and payroll in the publisher's shape, with the seasons of each zone and the damage of real files.

Quarters begin with the first of 2030, beyond the real series, so that no simulated figure is added to a real one. A
publication brings a new quarter and the one before it, revised. Some names are damaged as the published ones were,
and a few adjusted payrolls have one digit too many.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from itertools import count
from math import exp
from typing import NamedTuple

from millrace.reference.france import Zone, regions, zones
from millrace.seeded_random import chance, choose

VERSION = 2
FIRST_YEAR = 2030
PARIS = "1109"
PAY = 8_200
"""Euros per employee and quarter."""
SEASON = (0.97, 1.0, 1.01, 1.02)
"""Payroll by quarter: bonuses are paid at the year's end."""
DAMAGED_NAMES = 1 / 400
SHIFTED_PAYROLLS = 1 / 1500
WAIT = 85
"""Days from the end of a quarter to its publication."""
MANGLED = {"é": "vD", "ô": "vV", "Î": "Vé"}
"""Letters as a published file had them."""


class Place(NamedTuple):
    """A zone, or the part of it that lies in a region."""

    zone: Zone
    region: str


def records(seed: int, after: int = 0) -> Iterator[dict[str, str]]:
    """Records number after + 1 and on, without end: of each publication the new quarter, then the revised one."""
    places = _places()
    for number in count(after):
        block, index = divmod(number, len(places))
        publication = (block + 1) // 2
        is_revised = block % 2 == 0 and block > 0
        row = _row(seed, places[index], publication - is_revised, is_revised)
        yield _with_damage(seed, number, row) | {"@published": _published(publication)}


@cache
def _places() -> tuple[Place, ...]:
    return tuple(Place(zone, region) for zone in zones().values() for region in zone.regions)


def _row(seed: int, place: Place, quarter: int, is_revised: bool) -> dict[str, str]:
    """The record of a place and quarter; a revision moves the adjusted figures a little."""
    years, of_year = divmod(quarter, 4)
    name = place.zone.code + place.region
    size = _size(seed, place) * (1 + 0.006 * (chance(seed, name, "growth") - 0.3)) ** quarter
    trend = size * (0.99 + 0.02 * chance(seed, name, quarter, "jobs"))
    pay = PAY * (0.8 + 0.4 * chance(seed, name, "pay")) * 1.005**quarter
    revision = 1 + 0.004 * (chance(seed, name, quarter, "revised") - 0.5) * is_revised
    jobs, adjusted = trend * _season(seed, name, of_year), trend * revision
    figures = {
        "effectifs_salaries_brut": jobs,
        "effectifs_salaries_cvs": adjusted,
        "masse_salariale_brut": jobs * pay * SEASON[of_year],
        "masse_salariale_cvs": adjusted * pay,
    }
    return {
        "code_region": place.region,
        "region": regions()[place.region].name,
        "code_zone_d_emploi": place.zone.code,
        "zone_d_emploi": place.zone.name,
        "annee": str(FIRST_YEAR + years),
        "trimestre": str(of_year + 1),
        "dernier_jour_du_trimestre": _last_day(quarter).strftime("%d/%m/%Y"),
    } | {key: str(max(round(figure), 1)) for key, figure in figures.items()}


def _size(seed: int, place: Place) -> float:
    """Employees at the beginning: few zones are large; of a zone that spans regions each has a share."""
    draw = sum(chance(seed, place.zone.code, "size", number) for number in range(4)) - 2
    return (2_600_000 if place.zone.code == PARIS else 16_000 * exp(1.5 * draw)) / len(place.zone.regions)


def _season(seed: int, name: str, of_year: int) -> float:
    """What the season makes of the jobs: much by the sea and in the mountains, little elsewhere."""
    swing = 0.02 + 0.2 * chance(seed, name, "season") ** 6
    return 1 + swing * (-0.5, 0.3, 1.0, -0.8)[of_year]


def _last_day(quarter: int) -> date:
    years, of_year = divmod(quarter + 1, 4)
    return date(FIRST_YEAR + years, 3 * of_year + 1, 1) - timedelta(days=1)


def _published(publication: int) -> str:
    return (_last_day(publication) + timedelta(days=WAIT)).isoformat()


def _with_damage(seed: int, index: int, row: dict[str, str]) -> dict[str, str]:
    """The record, now and then with the damage that published files had."""
    damaged = dict(row)
    if chance(seed, index, "name") < DAMAGED_NAMES:
        column = choose(("region", "zone_d_emploi"), seed, index, "column")
        damaged[column] = (
            row[column].encode().decode("latin-1") if chance(seed, index, "how") < 0.5 else _mangled(row[column])
        )
    if chance(seed, index, "payroll") < SHIFTED_PAYROLLS:
        damaged["masse_salariale_cvs"] += choose("0123456789", seed, index, "digit")
    return damaged


def _mangled(name: str) -> str:
    return "".join(MANGLED.get(letter, letter) for letter in name)
