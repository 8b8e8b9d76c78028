"""A contract's date forms, read strictly: a text that fits no form, or two that mean different moments, has no value.

The one meaning of `formats` and `day` that the producer and the engine share.
"""

import re
from calendar import monthrange
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Literal

from millrace.errors import Refused

WHITE_SPACE = " \t\r\n\f\v\u00a0\ufeff"
"""What is trimmed off both ends of a value, the byte order mark among it."""
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
PARTS = {
    "yyyy": r"(?P<year>[0-9]{4})",
    "yy": r"(?P<short_year>[0-9]{2})",
    "MMM": r"(?P<month_name>[A-Za-z]{3})",
    "MM": r"(?P<month>[0-9]{2})",
    "M": r"(?P<month>[0-9]{1,2})",
    "dd": r"(?P<day>[0-9]{2})",
    "d": r"(?P<day>[0-9]{1,2})",
    "HH": r"(?P<hour>[0-9]{2})",
    "H": r"(?P<hour>[0-9]{1,2})",
    "hh": r"(?P<half_hour>[0-9]{2})",
    "h": r"(?P<half_hour>[0-9]{1,2})",
    "mm": r"(?P<minute>[0-9]{2})",
    "m": r"(?P<minute>[0-9]{1,2})",
    "ss": r"(?P<second>[0-9]{2})",
    "s": r"(?P<second>[0-9]{1,2})",
    "SSS": r"(?P<milli>[0-9]{3})",
    "SSSSSS": r"(?P<micro>[0-9]{6})",
    "a": r"(?P<half>AM|PM)",
    "XXX": r"(?P<zone>Z|[+-][0-9]{2}:[0-9]{2})",
}
TOKEN = re.compile(r"'(?P<literal>[^']+)'|(?P<letters>(?P<letter>[A-Za-z])(?P=letter)*)|(?P<sign>[^A-Za-z'])")
Day = Literal["first", "last"]


def moment(text: str, forms: Sequence[str], day: Day = "first") -> datetime | None:
    """The moment a text means, in UTC where it names time and zone; None where no form fits, or two differ."""
    found = readings(text, forms, day)
    return found.pop() if len(found) == 1 else None


def readings(text: str, forms: Sequence[str], day: Day = "first") -> set[datetime]:
    """All moments that a text may mean.

    `day` is the day of the month for forms without one. White space around the text does not count.
    """
    trimmed = text.strip(WHITE_SPACE)
    return {value for form in forms if (value := _reader(form)(trimmed, day)) is not None}


@cache
def second_decimals(forms: tuple[str, ...]) -> int:
    """How many digits behind the second the forms have, at most."""
    letters = (token["letters"] or "" for form in forms for token in TOKEN.finditer(form))
    return max((len(part) for part in letters if part.startswith("S")), default=0)


def form_pattern(form: str) -> str:
    """The shape of texts in a form such as "M/d/yyyy H:mm", a named group per part; refuses unknown letters."""
    tokens = list(TOKEN.finditer(form))
    unknown = next((t["letters"] for t in tokens if t["letters"] and t["letters"] not in PARTS), None)
    if unknown or sum(len(token[0]) for token in tokens) != len(form):
        part = f" ({unknown})" if unknown else ""
        raise Refused(f"The date form {form!r} is not understood{part}; known are {', '.join(PARTS)}.")
    return "".join(PARTS.get(t["letters"] or "", re.escape(t["literal"] or t["sign"] or "")) for t in tokens)


@cache
def _reader(form: str) -> Callable[[str, Day], datetime | None]:
    try:
        shape = re.compile(form_pattern(form))
    except re.error:
        raise Refused(f"The date form {form!r} names a part of the date twice; once is enough.") from None

    def read(text: str, day: Day) -> datetime | None:
        fits = shape.fullmatch(text)
        if fits is None:
            return None
        try:
            return _moment({name: part for name, part in fits.groupdict().items() if part is not None}, day)
        except (ValueError, OverflowError):
            return None

    return read


def _moment(parts: dict[str, str], day: Day) -> datetime:
    """Raises ValueError where a part is out of its range, such as 31 April; OverflowError beyond the calendar."""
    number = {name: int(part) for name, part in parts.items() if part.isdigit()}
    year = number["year"] if "year" in number else 2000 + number.get("short_year", 0)
    last = day == "last"
    month = MONTHS.index(parts["month_name"].lower()) + 1 if "month_name" in parts else number.get("month")
    month = month or (12 if last and month is None else 1 if month is None else 0)
    of_month = number["day"] if "day" in number else monthrange(year, month)[1] if last else 1
    fraction = number.get("micro", 1000 * number.get("milli", 0))
    read = datetime(
        year, month, of_month, _hour(number, parts), number.get("minute", 0), number.get("second", 0), fraction
    )
    zone = _offset(parts.get("zone", "Z"))
    # XML Schema's 2019-02-20+01:00 is that day, though it began the day before in UTC.
    return read - zone if "hour" in number or "half_hour" in number else read


def _hour(number: dict[str, int], parts: dict[str, str]) -> int:
    if "half_hour" not in number:
        return number.get("hour", 0)
    if not 1 <= number["half_hour"] <= 12:
        raise ValueError("an hour of half a day")
    return number["half_hour"] % 12 + 12 * (parts.get("half") == "PM")


def _offset(zone: str) -> timedelta:
    if zone == "Z":
        return timedelta()
    hours, minutes = int(zone[1:3]), int(zone[4:6])
    if hours > 18 or minutes > 59:
        raise ValueError("a zone")
    return timedelta(hours=hours, minutes=minutes) * (-1 if zone[0] == "-" else 1)
