"""Texts → moments by a contract's date forms, as millrace.contract.date_forms reads one text. Whole arrays at once."""

from collections.abc import Sequence
from datetime import datetime
from functools import reduce
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from millrace.contract.date_forms import MONTHS, Day, form_pattern
from spark.clean.arrow_types import whole
from spark.clean.number_parsing import matching, where

MOMENT = pa.timestamp("us")
FIRST = pa.scalar(datetime(1, 1, 1), MOMENT)
ISO_FORMS = ("yyyy-MM-dd", "yyyy-MM-dd HH:mm:ss")
DAYS_BEFORE = pa.array([0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334], pa.int64())
DAYS_OF = pa.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], pa.int64())
DAYS_BEFORE_1970 = 719_162
LAST_YEAR = 9999
MICROS_OF_DAY = 86_400_000_000
RANGES = {"year": (1, LAST_YEAR), "month": (1, 12), "hour": (0, 23), "half_hour": (1, 12), "minute": (0, 59)}
RANGES |= {"second": (0, 59), "milli": (0, 999), "micro": (0, 999_999), "zone_hours": (0, 18), "zone_minutes": (0, 59)}


def moments(texts: pa.StringArray, forms: Sequence[str], day: Day, kind: pa.DataType = MOMENT) -> pa.Array:
    """The moment (or date) each text means, in UTC where it names time and zone.

    Null where no form fits, and where two give different ones: 03/04/2014 is March or April, and we do not guess.
    """
    found = _in_forms(texts, forms, day, kind)
    return found[0] if len(found) == 1 else where(pc.invert(_differ(found)), pc.coalesce(*found))


def doubtful(texts: pa.StringArray, forms: Sequence[str], day: Day, kind: pa.DataType = MOMENT) -> pa.BooleanArray:
    """Per text, whether two forms give different moments."""
    return _differ(_in_forms(texts, forms, day, kind))


def _in_forms(texts: pa.StringArray, forms: Sequence[str], day: Day, kind: pa.DataType) -> list[pa.Array]:
    """The moments by each form that reads any text at all; by one form at least."""
    found = [read_form(texts, form, day).cast(kind) for form in forms]
    return [each for each in found if each.null_count < len(each)] or found[:1]


def _differ(found: list[pa.Array]) -> pa.BooleanArray:
    first = pc.coalesce(*found)
    differs = [pc.fill_null(pc.not_equal(other, first), False) for other in found[1:]]
    return reduce(pc.or_, differs, pa.repeat(pa.scalar(False), len(first)))


def read_form(texts: pa.StringArray, form: str, day: Day) -> pa.Array:
    """The moments of texts in this form; null for others, and for days that no calendar has."""
    shape = whole(form_pattern(form))
    return _as_iso(texts, shape) if form in ISO_FORMS else _by_parts(texts, shape, day)


def _as_iso(texts: pa.StringArray, shape: str) -> pa.Array:
    """By Arrow's own reader, as strict and many times as fast; it fails a whole array for one 30 February."""
    try:
        found = matching(texts, shape).cast(MOMENT)
    except pa.ArrowInvalid:
        return _by_parts(texts, shape, "first")
    return where(pc.greater_equal(found, FIRST), found)


def _by_parts(texts: pa.StringArray, shape: str, day: Day) -> pa.Array:
    found = pc.extract_regex(texts, shape)
    if found.null_count == len(found):
        return pa.nulls(len(texts), MOMENT)
    parts = _Parts(found)
    year, month = parts.year(), parts.month(day)
    length = _add(DAYS_OF.take(_minus(month, 1)), pc.and_(_is_leap(year), pc.equal(month, 2)).cast(pa.int64()))
    of_month = parts.day(length if day == "last" else 1)
    of_month = where(pc.and_(pc.greater_equal(of_month, 1), pc.less_equal(of_month, length)), of_month)
    micros = _add(pc.multiply(_days(year, month, of_month), MICROS_OF_DAY), parts.micros())
    first, last = -DAYS_BEFORE_1970 * MICROS_OF_DAY, (2_932_896 + 1) * MICROS_OF_DAY
    fits = pc.and_(pc.greater_equal(micros, first), pc.less(micros, last))
    return where(fits, micros).cast(MOMENT)


class _Parts:
    """The parts of the texts that have the form's shape, as numbers within their ranges."""

    def __init__(self, found: pa.StructArray) -> None:
        self._found = found
        self._names = {field.name for field in found.type}

    def number(self, name: str, absent: Any) -> Any:
        """The part; `absent` where the form has none."""
        return _in_range(name, self._text(name).cast(pa.int64())) if name in self._names else absent

    def year(self) -> pa.Array:
        short = _add(self.number("short_year", 0), 2000)
        return self._each(self.number("year", short))

    def month(self, day: Day) -> pa.Array:
        if "month_name" in self._names:
            place = pc.index_in(pc.utf8_lower(self._text("month_name")), value_set=pa.array(MONTHS))
            return _add(place.cast(pa.int64()), 1)
        has_day = "day" in self._names
        return self._each(self.number("month", 12 if day == "last" and not has_day else 1))

    def day(self, absent: Any) -> pa.Array:
        return self._each(self.number("day", absent))

    def micros(self) -> Any:
        """Microseconds since midnight in UTC."""
        minutes = _add(pc.multiply(self._hour(), 60), self.number("minute", 0))
        seconds = _add(pc.multiply(_minus(minutes, self._zone()), 60), self.number("second", 0))
        fraction = self.number("micro", pc.multiply(self.number("milli", 0), 1000))
        return _add(pc.multiply(seconds, 1_000_000), fraction)

    def _hour(self) -> Any:
        if "half_hour" not in self._names:
            return self.number("hour", 0)
        half = self.number("half_hour", 0)
        from_midnight = pc.if_else(pc.equal(half, 12), pa.scalar(0, pa.int64()), half)
        if "half" not in self._names:
            return from_midnight
        return _add(from_midnight, pc.multiply(pc.equal(self._text("half"), "PM").cast(pa.int64()), 12))

    def _zone(self) -> Any:
        """Minutes before UTC."""
        if "zone" not in self._names:
            return 0
        signed = pc.replace_substring(self._text("zone"), "Z", "+00:00")
        hours, minutes = (_part(signed, start).cast(pa.int64()) for start in (1, 4))
        total = _add(pc.multiply(_in_range("zone_hours", hours), 60), _in_range("zone_minutes", minutes))
        # A day with a zone is that day; the product keeps zones out of range null.
        counted = pc.multiply(total, int(bool({"hour", "half_hour"} & self._names)))
        return pc.if_else(pc.starts_with(signed, "-"), pc.negate(counted), counted)

    def _text(self, name: str) -> pa.StringArray:
        return pc.struct_field(self._found, name)

    def _each(self, value: Any) -> pa.Array:
        """The value for every text of the shape, null for the others."""
        if isinstance(value, pa.Array):
            return value
        number = value if isinstance(value, int) else value.as_py()
        return where(self._found.is_valid(), pa.repeat(pa.scalar(number, pa.int64()), len(self._found)))


def _part(texts: pa.StringArray, start: int) -> pa.StringArray:
    return pc.utf8_slice_codeunits(texts, start, start + 2)


def _in_range(name: str, numbers: pa.Array) -> pa.Array:
    if name not in RANGES:
        return numbers
    least, most = RANGES[name]
    return where(pc.and_(pc.greater_equal(numbers, least), pc.less_equal(numbers, most)), numbers)


def _days(year: pa.Array, month: pa.Array, day: Any) -> pa.Array:
    """Days since 1970 in the Gregorian calendar."""
    before = _minus(year, 1)
    leaps = _add(_minus(pc.divide(before, 4), pc.divide(before, 100)), pc.divide(before, 400))
    of_year = _add(DAYS_BEFORE.take(_minus(month, 1)), pc.and_(_is_leap(year), pc.greater(month, 2)).cast(pa.int64()))
    total = _add(_add(pc.multiply(before, 365), leaps), _add(of_year, _minus(day, 1)))
    return _minus(total, DAYS_BEFORE_1970)


def _is_leap(year: pa.Array) -> pa.BooleanArray:
    by_four, by_hundred, by_400 = (pc.equal(pc.multiply(pc.divide(year, by), by), year) for by in (4, 100, 400))
    return pc.or_(pc.and_not(by_four, by_hundred), by_400)


def _add(one: Any, other: Any) -> Any:
    return pc.add(one, other)


def _minus(one: Any, other: Any) -> Any:
    return pc.subtract(one, other)
