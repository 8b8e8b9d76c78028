"""A made-up epidemic in the publisher's shape: waves that reach each department at its own time and height.

Days begin on 1 January 2024, after the real series ended, so that no simulated figure takes the place of a real one.
A day has three records per department: all, men, women; the first is the sum of the others. A record is published on
its day.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache
from itertools import count
from math import tanh

from millrace.reference.france import OVERSEAS_COLLECTIVITIES, Department, departments
from millrace.seeded_random import chance

VERSION = 1
FIRST_DAY = date(2024, 1, 1)
ALL, MEN, WOMEN = range(3)
WAVE_DAYS = 130
"""From the top of one wave to that of the next."""
WIDTH = 24
"""Days in which a wave grows from its top's 42 % to the top."""
STAY = 11
"""Days a patient stays."""
NEAR = 2
"""Waves before the next one that still count; of those before them nothing is missing."""
DEATH_SHARE = 0.17
INTENSIVE_SHARE = 0.19
REHABILITATION_SHARE = 0.14
ELSEWHERE_SHARE = 0.03


def records(seed: int, after: int = 0) -> Iterator[dict[str, str]]:
    """Records number after + 1 and on, without end: day by day, departments in their order, all, men, women."""
    places = _places()
    for number in count(after):
        turn, sex = divmod(number, 3)
        day, index = divmod(turn, len(places))
        yield _record(seed, places[index], day, sex)


def _places() -> list[Department]:
    return [place for place in departments().values() if place.region != OVERSEAS_COLLECTIVITIES]


def _record(seed: int, place: Department, day: int, sex: int) -> dict[str, str]:
    men, women = (_figures(seed, place, day, one) for one in (MEN, WOMEN))
    figures = {ALL: {name: men[name] + women[name] for name in men}, MEN: men, WOMEN: women}[sex]
    written = (FIRST_DAY + timedelta(days=day)).isoformat()
    head = {"dep": place.code, "sexe": str(sex), "jour": written}
    return head | {name: str(figure) for name, figure in figures.items()} | {"@published": written}


@lru_cache(maxsize=4)
def _figures(seed: int, place: Department, day: int, sex: int) -> dict[str, int]:
    """What the publisher counts of men or women in a department on a day."""
    share = 0.5 + (0.04 if sex == MEN else -0.04)
    left = _admitted(seed, place, day - STAY) * share
    stays = (_admitted(seed, place, day) - _admitted(seed, place, day - STAY)) * share
    hospitalised = round(stays * (0.96 + 0.08 * chance(seed, place.code, day, sex)))
    intensive = round(hospitalised * INTENSIVE_SHARE * (1.15 if sex == MEN else 0.8))
    rehabilitation = round(hospitalised * REHABILITATION_SHARE)
    elsewhere = round(hospitalised * ELSEWHERE_SHARE)
    return {
        "hosp": hospitalised,
        "rea": intensive,
        "HospConv": max(hospitalised - intensive - rehabilitation - elsewhere, 0),
        "SSR_USLD": rehabilitation,
        "autres": elsewhere,
        "rad": int(left * (1 - DEATH_SHARE)),
        "dc": int(left * DEATH_SHARE),
    }


def _admitted(seed: int, place: Department, day: int) -> float:
    """Patients admitted until a day, since the beginning; never falls."""
    next_wave = day // WAVE_DAYS + 1
    first = max(next_wave - NEAR, 0)
    past = _height_of_past(seed, place.code, first)
    near = (_wave(seed, place.code, number, day) for number in range(first, next_wave + 1))
    return (past + sum(near)) * (place.population or 0) / 100_000


def _wave(seed: int, department: str, number: int, day: int) -> float:
    """Admissions of one wave until a day, per 100,000 people: nothing at first, its height at last."""
    top = WAVE_DAYS * number + 60 + 30 * (chance(seed, department, number, "top") - 0.5)
    return _height(seed, department, number) * max(tanh((day - top) / WIDTH) + 1 - _start(top), 0) / 2


def _start(top: float) -> float:
    """What the curve of a wave has already before the first day, so that everything begins at nothing."""
    return tanh(-top / WIDTH) + 1


def _height(seed: int, department: str, number: int) -> float:
    common = 90 + 180 * chance(seed, number, "height")
    return common * (0.5 + chance(seed, department, number, "height"))


@lru_cache(maxsize=4096)
def _height_of_past(seed: int, department: str, waves: int) -> float:
    """Admissions of the first so many waves from end to end, per 100,000 people."""
    return sum(_wave(seed, department, number, 10**9) for number in range(waves))
