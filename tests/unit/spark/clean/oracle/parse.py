"""The functions that contracts name under `parse`, from what docs/feeds.md promises of them."""

import re
from collections.abc import Callable
from decimal import Decimal

Parse = Callable[[str], str | None]
NO_NUMBER = "no number"
"""What stands for a text that was not understood and is refused as a number."""


def whole(text: str) -> str:
    """`29027.0` → `29027`"""
    before, point, behind = text.partition(".")
    is_whole = point and re.fullmatch("[+-]?[0-9]+", before) and re.fullmatch("0+", behind)
    return before if is_whole else text


def _padded(width: int) -> Parse:
    return lambda text: whole(text).upper().rjust(width, "0")


def _count(text: str) -> str | None:
    """`111.0` → 111; `NA` → NULL"""
    return None if text == "NA" else whole(text)


def _county(text: str) -> str:
    code = whole(text)
    return "0" + code if re.fullmatch("[0-9]{4}", code) else code


def _decimal_comma(text: str) -> str:
    """`3,5` → `3.5`; a text with a point is refused, since the point may stand before thousands."""
    return NO_NUMBER if "." in text else re.sub(r"\A([+-]?[0-9]*),([0-9]+)\Z", r"\1.\2", text)


def _grouped(text: str) -> str:
    """`1,234.50` → `1234.50`"""
    is_grouped = re.fullmatch(r"[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?", text)
    return text.replace(",", "") if is_grouped else text


def _point_grouped(text: str) -> str:
    """`1.234,50` → `1234.50`"""
    is_grouped = re.fullmatch(r"[+-]?[0-9]{1,3}(\.[0-9]{3})+(,[0-9]+)?", text)
    return _decimal_comma(text.replace(".", "") if is_grouped else text)


def _plain(text: str) -> str:
    """`9.99999999E8` → 999999999"""
    is_scientific = re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?[eE][+-]?[0-9]{1,2}", text)
    return f"{Decimal(text):f}" if is_scientific else text


COMMON: dict[str, Parse] = {
    "whole_number": whole,
    "county_fips": _county,
    "decimal_comma": _decimal_comma,
    "grouped_number": _grouped,
    "point_grouped": _point_grouped,
}
OWN: dict[str, dict[str, Parse]] = {
    "employment": {"zone": _padded(4), "region": _padded(2), "count": whole},
    "hospital": {"department": _padded(2), "region": _padded(2), "count": _count},
    "procurement": {"plain_number": _plain},
    "shares": {"plain_digits": _grouped},
}


def parse_of(feed: str, name: str | None) -> Parse | None:
    """The function of that name, the feed's own before those of all."""
    return None if name is None else {**COMMON, **OWN.get(feed, {})}[name]
