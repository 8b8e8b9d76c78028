"""Which number type holds every value of a column as it stands, with room for greater ones."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Comma = Literal["", "thousands", "decimals"]
WHOLE = re.compile(r"[+-]?[0-9]+")
LEADING_ZERO = re.compile(r"[+-]?0[0-9]+")
POINT = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)")
EXPONENT = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
COMMA = re.compile(r"[+-]?[0-9]*,[0-9]+")
GROUPED = re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?")
ROOM = 3
"""Digits more before the point than any value has."""
MOST_BEHIND = 10
FEWEST_BEFORE = 7


@dataclass(frozen=True)
class Number:
    """A contract's type, the function that tidies the text first, and whether no value is below 0."""

    type: str
    parse: str | None
    is_never_negative: bool


def comma_of(columns: Iterable[Sequence[str]]) -> Comma:
    """What a comma in a number means in this file, if its columns that leave no doubt agree."""
    said: set[Comma] = {
        "thousands" if is_grouped(values) else "decimals"
        for values in map(set, columns)
        if values and any("," in value for value in values) and is_grouped(values) != is_with_comma(values)
    }
    return said.pop() if len(said) == 1 else ""


def number_of(values: Sequence[str], comma: Comma = "") -> Number | None:
    """The type of the values, which are not empty; None where one of them is no number, or digits that mean no amount.

    "007" and what has more than 18 digits are no amounts: as numbers they would lose their zeros. Nor is a column whose
    every comma may stand before thousands or before decimals, unless `comma` says which.
    """
    distinct = set(values)
    if all(POINT.fullmatch(value) for value in distinct):
        return _exact(list(distinct), None)
    may_be = {"thousands": is_grouped(distinct), "decimals": is_with_comma(distinct)}
    means = [meaning for meaning, fits in may_be.items() if fits and comma in ("", meaning)]
    if len(means) == 1:
        by_thousands = means == ["thousands"]
        texts = [value.replace(",", "" if by_thousands else ".") for value in distinct]
        return _exact(texts, "grouped_number" if by_thousands else "decimal_comma")
    if all(EXPONENT.fullmatch(value) for value in distinct):
        return Number("double", None, all(float(value) >= 0 for value in distinct))
    return None


def is_grouped(values: Iterable[str]) -> bool:
    """Whether every comma may part thousands: 1,234,567.89."""
    return all(POINT.fullmatch(value) or GROUPED.fullmatch(value) for value in values)


def is_with_comma(values: Iterable[str]) -> bool:
    """Whether every comma may stand before decimals: 1234567,89."""
    return all(WHOLE.fullmatch(value) or COMMA.fullmatch(value) for value in values)


def _exact(texts: list[str], parse: str | None) -> Number | None:
    if any(LEADING_ZERO.match(text) for text in texts):
        return None
    is_never_negative = all(Decimal(text) >= 0 for text in texts)
    if all(WHOLE.fullmatch(text) for text in texts):
        most = max(abs(int(text)) for text in texts)
        if most >= 10**18:
            return None
        return Number("int" if most * 10 < 2**31 else "bigint", parse, is_never_negative)
    before = max(len(text.lstrip("+-").partition(".")[0].lstrip("0")) for text in texts)
    behind = {len(text.partition(".")[2]) for text in texts}
    # Money has two digits behind the point, always; what has more or fewer may have more the next time.
    scale = 2 if behind <= {0, 2} else min(max(behind) + 2, MOST_BEHIND)
    precision = max(before + ROOM, FEWEST_BEFORE) + scale
    if max(behind) > MOST_BEHIND or precision > 38:
        return Number("double", parse, is_never_negative)
    return Number(f"decimal({precision},{scale})", parse, is_never_negative)
