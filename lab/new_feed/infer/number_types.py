"""Which number type holds every value of a column as it stands, with room for greater ones.

A type is proposed only where the number it keeps, written again, is the text that stood there; zeros behind the last
decimal aside.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from math import isfinite
from typing import Literal

Sign = Literal["", ".", ","]
"""What stands before decimals; nothing where the file does not say."""
WHOLE = re.compile(r"[+-]?[0-9]+")
NOT_WRITTEN_AGAIN = re.compile(r"\+.*|[+-]?0[0-9]+.*|-0+")
POINT = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)")
SCIENTIFIC = re.compile(r"-?(?:(?:[1-9][0-9]*\.[0-9]+[eE][+-]?|[1-9][eE][+-])[0-9]{1,3}|0(?:\.0+)?[eE][+-]?0{1,3})")
"""With a point, or one digit and a signed exponent: 11E11 and 5E3 may be codes as well."""
FLOATING = re.compile(r"[+-]?[0-9]+\.?[0-9]*(?:[eE][+-]?[0-9]{1,3})?")
COMMA = re.compile(r"[+-]?[0-9]*,[0-9]+")
GROUPED = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]+)?")
GROUPED_BY_POINTS = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:\.[0-9]{3})+(?:,[0-9]+)?")
MOST_WHOLE = 18
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


def decimal_sign(columns: Iterable[Collection[str]]) -> Sign:
    """What stands before decimals in this file, if its columns that leave no doubt agree."""
    said = {sign for values in columns if len(sign := _signs(set(values))) == 1}
    signs = {sign for (sign,) in said}
    return signs.pop() if len(signs) == 1 else ""


def number_of(values: Collection[str], sign: Sign = "") -> Number | None:
    """The type of the values, which are not empty; None where one of them is no number, or would be written otherwise.

    None too where every point or comma may stand before thousands or before decimals, unless `sign` says which.
    """
    distinct = set(values)
    if is_in_doubt(distinct, sign):
        return None
    signs = _signs(distinct)
    if signs:
        found: Sign = signs[0] if len(signs) == 1 else sign or "."
        return _exact(*_plain(distinct, found))
    if all(SCIENTIFIC.fullmatch(value) or POINT.fullmatch(value) for value in distinct):
        return None if any(map(NOT_WRITTEN_AGAIN.fullmatch, distinct)) else _double(distinct, None)
    return None


def number_said(values: Collection[str], *, is_whole: bool) -> Number | None:
    """The values as a person says they are numbers: points and commas stand before thousands in whole ones.

    None where one is no such number. Leading zeros and plus signs are given up.
    """
    distinct = set(values)
    for sign in _signs(distinct):
        texts, parse = _plain(distinct, sign)
        if all(map(WHOLE.fullmatch, texts)) == is_whole:
            return _exact(texts, parse, is_said=True)
    if is_whole or not all(map(FLOATING.fullmatch, distinct)):
        return None
    return (
        _exact(list(distinct), None, is_said=True) if all(map(WHOLE.fullmatch, distinct)) else _double(distinct, None)
    )


def is_in_doubt(values: Collection[str], sign: Sign = "") -> bool:
    """Whether every value may be read with its sign before thousands as well as before decimals."""
    return not sign and len(_signs(values)) == 2 and not all(map(WHOLE.fullmatch, values))


def _signs(values: Collection[str]) -> tuple[Sign, ...]:
    """The decimal signs under which all of the values are numbers."""
    found: list[Sign] = []
    if all(POINT.fullmatch(value) or GROUPED.fullmatch(value) for value in values):
        found.append(".")
    if all(WHOLE.fullmatch(value) or COMMA.fullmatch(value) or GROUPED_BY_POINTS.fullmatch(value) for value in values):
        found.append(",")
    return tuple(found)


def _plain(values: Collection[str], sign: Sign) -> tuple[list[str], str | None]:
    """The values without thousands and with a point before decimals, and the function that makes them so."""
    if sign == ".":
        parse = "grouped_number" if any("," in value for value in values) else None
        return [value.replace(",", "") for value in values], parse
    is_grouped = any("." in value for value in values)
    parse = "point_grouped" if is_grouped else "decimal_comma" if any("," in value for value in values) else None
    return [value.replace(".", "").replace(",", ".") for value in values], parse


def _exact(texts: list[str], parse: str | None, *, is_said: bool = False) -> Number | None:
    if not is_said and any(map(NOT_WRITTEN_AGAIN.fullmatch, texts)):
        return None
    is_never_negative = all(Decimal(text) >= 0 for text in texts)
    if all(WHOLE.fullmatch(text) for text in texts):
        most = max(abs(int(text)) for text in texts)
        if most >= 10**MOST_WHOLE:
            return None
        return Number("int" if most * 10 < 2**31 else "bigint", parse, is_never_negative)
    before = max(len(text.lstrip("+-").partition(".")[0].lstrip("0")) for text in texts)
    behind = {len(text.partition(".")[2]) for text in texts}
    # Money has two digits behind the point, always; what has more or fewer may have more the next time.
    scale = 2 if behind <= {0, 2} else min(max(behind) + 2, MOST_BEHIND)
    precision = max(before + ROOM, FEWEST_BEFORE) + scale
    if max(behind) > MOST_BEHIND or precision > 38:
        return _double(texts, parse)
    return Number(f"decimal({precision},{scale})", parse, is_never_negative)


def _double(texts: Collection[str], parse: str | None) -> Number | None:
    """None where a text has more digits than a double keeps, or is beyond what it holds."""
    if not all(isfinite(float(text)) and Decimal(repr(float(text))) == Decimal(text) for text in texts):
        return None
    return Number("double", parse, all(float(text) >= 0 for text in texts))


def why_text(values: Collection[str]) -> str:
    """Why numbers are kept as text, with the first value that says so; empty where they are none."""
    if is_in_doubt(values):
        value = next(value for value in values if not WHOLE.fullmatch(value))
        return f"{value} may have thousands or decimals; say which by parse, see docs/feeds.md"
    if not all(_is_number_like(value) for value in values):
        return ""
    value = next((value for value in values if number_of([value], ".") is None and not COMMA.fullmatch(value)), "")
    if value.startswith("+"):
        return f"{value} would lose its plus sign as a number"
    if re.match("-?0[0-9]", value):
        return f"{value} would lose its leading zeros as a number"
    if "E" in value.upper() and not SCIENTIFIC.fullmatch(value):
        return f"{value} may be a code as well as a number with an exponent"
    return f"{value} has more digits than a number keeps" if value else ""


def _is_number_like(value: str) -> bool:
    return bool(_signs([value])) or re.fullmatch(r"[+-]?[0-9.]+[eE][+-]?[0-9]+", value) is not None
