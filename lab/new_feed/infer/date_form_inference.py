"""Date forms that all values of a column fit; a form is never guessed."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Literal

from millrace.contract.date_forms import form_pattern, moment

Order = Literal["day-first", "month-first", "text"]
AskOrder = Callable[[str, "Ambiguous"], Order]
"""Given the header of a column in doubt, which order its dates have; or that they stay text."""

_NUMBERS = [f"{first}{sign}{second}{sign}{year}"
            for sign in "/-."
            for year in ("yyyy", "yy")
            for first, second in (("dd", "MM"), ("d", "M"), ("MM", "dd"), ("M", "d"))]  # fmt: skip
_ISO = ["yyyy-MM-dd", "yyyy-M-d", "yyyy/MM/dd", "yyyy/M/d", "yyyy.MM.dd", "yyyyMMdd"]
_WORDS = ["dd MMM yyyy", "d MMM yyyy", "dd-MMM-yyyy", "d-MMM-yyyy", "dd-MMM-yy", "d-MMM-yy", "MMM d, yyyy"]
DAYS = (*_ISO, *_NUMBERS, *_WORDS)
TIMES = (
    *("", " HH:mm:ss", " HH:mm", " H:mm:ss", " H:mm", " hh:mm:ss a", " hh:mm a", " h:mm:ss a", " h:mm a"),
    *("'T'HH:mm:ss", "'T'HH:mm", "'T'HH:mm:ssXXX", "'T'HH:mmXXX", " HH:mm:ssXXX"),
)
FORMS = (*(day + time for day in DAYS for time in TIMES), "yyyy-MM-ddXXX")
"""Strict forms stand before those that also read shorter numbers. Fractions of a second are none: DATETIME has none."""
AT_MOST = 3
FEWEST_SHORT = 10
"""Values that must be there before three short numbers are taken for a date."""
COULD_BE = re.compile(r"(?=.*[0-9]).{6,32}", re.ASCII)
DIGIT = re.compile("[0-9]")
PATTERNS = {form: re.compile(form_pattern(form)) for form in FORMS}


@dataclass(frozen=True)
class Ambiguous:
    """Every value may have its day first or its month first; `example` shows what that would mean."""

    example: str
    day_first: tuple[str, ...]
    month_first: tuple[str, ...]

    def forms(self, order: Order) -> tuple[str, ...]:
        return {"day-first": self.day_first, "month-first": self.month_first, "text": ()}[order]


def forms_of(values: Sequence[str], *, is_said: bool = False) -> tuple[str, ...] | Ambiguous:
    """The forms of the values, which are not empty; none where they are no dates, or not all of them.

    `is_said`: a person says that they are dates, so that they need not look like some.

    Two-digit years are those of this century; where that would lie in the future, they are no dates that we can read.
    """
    distinct = sorted(set(values))
    if not distinct or not all(COULD_BE.fullmatch(value) for value in distinct):
        return ()
    found = _covering(distinct)
    if not found or not (is_said or _are_plausible(distinct, found)):
        return ()
    other = tuple(_swapped(form) for form in found)
    if other == found or not _read_all(distinct, other) or not (is_said or _are_plausible(distinct, other)):
        return found
    example = next((value for value in distinct if moment(value, found) != moment(value, other)), None)
    if example is None:
        return found
    pair = (found, other) if _is_day_first(found) else (other, found)
    return Ambiguous(example, *pair)


def is_day(forms: Sequence[str]) -> bool:
    """Whether the forms tell the day only, not the time."""
    return not any("m" in form or "H" in form or "h" in form for form in forms)


def _covering(distinct: list[str]) -> tuple[str, ...]:
    """The first form that every value fits; else the few that together read every value in one way."""
    shapes = {DIGIT.sub("0", value) for value in distinct}
    if not all(map(_of_shape, shapes)):
        return ()
    some = distinct[:: max(1, len(distinct) // 50)]
    fitting = {form for shape in shapes for form in _of_shape(shape)}
    likely = [form for form in FORMS if form in fitting and any(_read(value, form) for value in some)]
    whole = next((form for form in likely if all(_read(value, form) for value in distinct)), None)
    if whole:
        return (whole,)
    chosen: list[str] = []
    rest = distinct
    while rest and likely and len(chosen) < AT_MOST:
        best = max(likely, key=lambda form: sum(_read(value, form) is not None for value in rest))
        left = [value for value in rest if _read(value, best) is None]
        if len(left) == len(rest):
            break
        chosen.append(best)
        rest = left
    return tuple(chosen) if not rest and _read_all(distinct, chosen) else ()


@lru_cache(maxsize=10_000)
def _of_shape(shape: str) -> tuple[str, ...]:
    """The forms of texts that look so, all digits being 0; a column has few such shapes, and a form many texts."""
    return tuple(form for form, pattern in PATTERNS.items() if pattern.fullmatch(shape))


def _read(value: str, form: str) -> datetime | None:
    return moment(value, (form,))


def _read_all(distinct: list[str], forms: Sequence[str]) -> bool:
    return all(moment(value, forms) is not None for value in distinct)


def _are_plausible(distinct: list[str], forms: Sequence[str]) -> bool:
    """Eight digits may be any number, 17.1.10 a version, and 31/12/98 is not 2098."""
    if any("yyyy" not in form and "MMM" not in form for form in forms) and len(distinct) < FEWEST_SHORT:
        return False
    years = [found.year for value in distinct if (found := moment(value, forms))]
    if any("yyyy" not in form for form in forms) and max(years) > date.today().year + 1:
        return False
    return not any(form.startswith("yyyyMMdd") for form in forms) or 1900 <= min(years) <= max(years) <= 2100


def _swapped(form: str) -> str:
    """The form with day and month in each other's place; itself where its order is plain."""
    swap = re.match(r"(d{1,2}|M{1,2})([/.-])(d{1,2}|M{1,2})(?=\2)", form)
    return f"{swap[3]}{swap[2]}{swap[1]}{form[swap.end() :]}" if swap else form


def _is_day_first(forms: Sequence[str]) -> bool:
    return any(re.match(r"d{1,2}[/.-]M", form) for form in forms)
