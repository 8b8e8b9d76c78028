"""What the contract of public contracts cannot say by itself: damaged numbers, doubtful amounts, distances, flags."""

from datetime import date
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

SCIENTIFIC = r"^[+-]?\d+(\.\d+)?[eE][+-]?\d{1,2}$"
"""Numbers with an exponent of a size that amounts may have; any other stays as it is, and is refused later."""

ROUNDED_ID = r"^\d([.,]\d+)?[eE][+]\d+$"
"""2,0211E+15: a spreadsheet took the id for a number and kept five digits of sixteen."""

TOKEN = 1
"""Euros. Up to here the amount says "none given": 0, 0.01 and 1 are what publishers write there."""
HUGE = 1_000_000_000
"""Euros. From here on a person should look before it counts: hardly any contract is that large."""
FILLER = r"^[1-9]?9{6,}\d(\.[09]*)?$"
"""9999999, 99999999.99, or such a number times the lots: 39999996. The field was filled because it had to be."""

FIRST_DAY, BEHIND_LAST_DAY = date(1990, 1, 1), date(2100, 1, 1)
"""A contract that is published still may be decades old; beyond that its year is misspelt."""

LOST = "\ufffd"
EARTH_KM = 6371.0088
DEGREE = 3.141592653589793 / 180

WORKS, SUPPLIES, SERVICES = "Travaux", "Fournitures", "Services"
SUPPLIES_FROM, SUPPLIES_TO, OTHER_SUPPLIES, CONSTRUCTION, SERVICES_FROM, SERVICES_TO = 3, 44, 48, 45, 50, 98
"""Divisions of the common procurement vocabulary: supplies are 03 to 44 and 48, works 45, services 50 to 98."""
SHORT_CODE = r"^\d{7}$"


def plain_number(text: pa.StringArray) -> pa.StringArray:
    """Numbers with an exponent written out: "9.99999999E8" → "999999999". Everything else stays as it is."""
    is_scientific = pc.fill_null(pc.match_substring_regex(text, SCIENTIFIC), False)
    written = text.filter(is_scientific).to_pylist()
    return pc.replace_with_mask(
        text, is_scientific, pa.array([f"{Decimal(number):f}" for number in written], pa.string())
    )


def usable_id(published: pa.StringArray) -> pa.StringArray:
    """The id, unless a spreadsheet rounded it: contracts that differ share such an id."""
    return pc.if_else(_is_rounded(published), pa.scalar(None, pa.string()), published)


def cpv_code(published: pa.StringArray) -> pa.StringArray:
    """Eight digits: without the check digit, with the leading zero that a number lost. Null where it is no code."""
    digits = _without_check_digit(published)
    padded = pc.if_else(_fits(digits, SHORT_CODE), pc.binary_join_element_wise("0", digits, ""), digits)
    return pc.if_else(_fits(padded, r"^\d{8}$"), padded, pa.scalar(None, pa.string()))


def nature(published: pa.StringArray, code: pa.StringArray) -> pa.StringArray:
    """Works, supplies or services: as published, else what the code's division stands for."""
    division = pc.cast(pc.utf8_slice_codeunits(cpv_code(code), 0, 2), pa.int16())
    is_supply = pc.or_(_is_within(division, SUPPLIES_FROM, SUPPLIES_TO), pc.equal(division, OTHER_SUPPLIES))
    choices = [
        (pc.equal(division, CONSTRUCTION), WORKS),
        (is_supply, SUPPLIES),
        (_is_within(division, SERVICES_FROM, SERVICES_TO), SERVICES),
    ]
    return pc.coalesce(published, _first_true(choices))


def first_date(*dates: pa.Date32Array) -> pa.Date32Array:
    """The first of the dates that is known."""
    return pc.coalesce(*dates)


def first_month(*dates: pa.Date32Array) -> pa.Date32Array:
    """The first day of the month of the first date that is known."""
    return pc.floor_temporal(pc.coalesce(*dates), unit="month")


def counted_amount(amount: pa.Decimal128Array) -> pa.Decimal128Array:
    """The amount where it can be one; null where a sum over it would say nothing."""
    return pc.if_else(pc.is_null(_doubt(amount)), amount, pa.scalar(None, amount.type))


def distance_km(
    latitude: pa.DoubleArray, longitude: pa.DoubleArray, other_latitude: pa.DoubleArray, other_longitude: pa.DoubleArray
) -> pa.Decimal128Array:
    """Kilometres between two positions along the sphere (haversine); null where one of the four numbers is missing.

    The publisher's own distance exchanges latitude and longitude: in France it is too long from east to west by a half.
    """
    north, other_north = pc.multiply(latitude, DEGREE), pc.multiply(other_latitude, DEGREE)
    half_north = pc.sin(pc.divide(pc.subtract(other_north, north), 2))
    half_east = pc.sin(pc.multiply(pc.subtract(other_longitude, longitude), DEGREE / 2))
    across = pc.multiply(pc.multiply(pc.cos(north), pc.cos(other_north)), pc.multiply(half_east, half_east))
    chord = pc.min_element_wise(pc.add(pc.multiply(half_north, half_north), across), 1.0, skip_nulls=False)
    return pc.cast(pc.round(pc.multiply(pc.asin(pc.sqrt(chord)), 2 * EARTH_KM), 3), pa.decimal128(8, 3))


def lost_characters(*texts: pa.StringArray) -> pa.Int32Array:
    """How many characters of the texts a conversion before ours has destroyed: they came as U+FFFD."""
    counts = [pc.fill_null(pc.count_substring(text, LOST), 0) for text in texts]
    total = counts[0]
    for count in counts[1:]:
        total = pc.add(total, count)
    return total


def flags(  # noqa: PLR0913, PLR0917 - the columns it looks at
    published_id: pa.StringArray,
    amount: pa.Decimal128Array,
    code: pa.StringArray,
    notified: pa.Date32Array,
    published: pa.Date32Array,
    month: pa.Date32Array,
    *texts: pa.StringArray,
) -> pa.StringArray:
    """The names of what is doubtful, parted by commas, in a fixed order; empty where nothing is."""
    doubts = [
        _named(_is_rounded(published_id), "damaged_id"),
        _named(pc.is_null(published_id), "no_id"),
        _doubt(amount),
        _named(pc.and_(pc.is_valid(code), pc.is_null(cpv_code(code))), "bad_cpv"),
        _named(_fits(_without_check_digit(code), SHORT_CODE), "short_cpv"),
        _named(pc.is_null(first_date(notified, published, month)), "no_date"),
        _named(pc.or_(_is_odd(notified), _is_odd(published)), "odd_date"),
        _named(pc.greater(lost_characters(published_id, *texts), 0), "lost_characters"),
    ]
    words = [pc.fill_null(pc.binary_join_element_wise(doubt, "", ","), "") for doubt in doubts]
    return pc.utf8_rtrim(pc.binary_join_element_wise(*words, ""), ",")


def _doubt(amount: pa.Decimal128Array) -> pa.StringArray:
    """Why the amount cannot be one, or null."""
    euros = pc.cast(amount, pa.string())
    return _first_true(
        [
            (pc.less(amount, 0), "negative_amount"),
            (pc.less_equal(amount, TOKEN), "token_amount"),
            (_fits(euros, FILLER), "filler_amount"),
            (pc.greater_equal(amount, HUGE), "huge_amount"),
        ]
    )


def _is_odd(day: pa.Date32Array) -> pa.BooleanArray:
    """Whether no contract of these publications can be of that day, such as one of the year 0218."""
    is_odd = pc.or_(pc.less(day, FIRST_DAY), pc.greater_equal(day, BEHIND_LAST_DAY))
    return pc.fill_null(is_odd, False)


def _without_check_digit(code: pa.StringArray) -> pa.StringArray:
    return pc.replace_substring_regex(code, r"-\d$", "")


def _is_within(numbers: pa.Array, least: int, most: int) -> pa.BooleanArray:
    return pc.and_(pc.greater_equal(numbers, least), pc.less_equal(numbers, most))


def _is_rounded(published_id: pa.StringArray) -> pa.BooleanArray:
    return _fits(published_id, ROUNDED_ID)


def _fits(text: pa.StringArray, pattern: str) -> pa.BooleanArray:
    return pc.fill_null(pc.match_substring_regex(text, pattern), False)


def _named(is_so: pa.BooleanArray, name: str) -> pa.StringArray:
    return pc.if_else(is_so, name, pa.scalar(None, pa.string()))


def _first_true(choices: list[tuple[pa.BooleanArray, str]]) -> pa.StringArray:
    """The name of the first condition that holds, else null; a condition that is null does not hold."""
    return pc.coalesce(*(_named(pc.fill_null(is_so, False), name) for is_so, name in choices))
