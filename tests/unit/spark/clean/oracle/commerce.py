"""What docs/feeds.md promises of computed columns: procurement and sales."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from math import asin, cos, radians, sin, sqrt
from typing import Any

CHARGES = {"POST", "DOT", "M", "D", "S", "B", "C2", "CRUK", "BANK CHARGES", "AMAZONFEE"}
EARTH_KM = 6371.0088


def _is_rounded(text: str | None) -> bool:
    """`2,0211E+15`"""
    return re.fullmatch(r"[0-9]([.,][0-9]+)?[eE]\+[0-9]+", text or "") is not None


def _usable_id(text: str | None) -> str | None:
    return None if _is_rounded(text) else text


def _digits(code: str | None) -> str:
    """A code without its check digit."""
    return re.sub(r"-[0-9]\Z", "", code or "")


def _cpv_code(code: str | None) -> str | None:
    """`9132100` → 09132100 · `79100000-5` → 79100000 · `0` → NULL"""
    digits = _digits(code)
    whole = "0" + digits if re.fullmatch("[0-9]{7}", digits) else digits
    return whole if re.fullmatch("[0-9]{8}", whole) else None


def _nature(published: str | None, code: str | None) -> str | None:
    division = int((_cpv_code(code) or "00")[:2])
    if published is not None or not 3 <= division <= 98:
        return published
    if division == 45:
        return "Travaux"
    return "Fournitures" if division <= 44 or division == 48 else "Services" if division >= 50 else None


def _first_date(*dates: date | None) -> date | None:
    return next((day for day in dates if day is not None), None)


def _first_month(*dates: date | None) -> date | None:
    day = _first_date(*dates)
    return day and day.replace(day=1)


def _doubt(amount: Decimal | None) -> str | None:
    if amount is None:
        return None
    if amount < 0:
        return "negative_amount"
    if amount <= 1:
        return "token_amount"
    if re.fullmatch(r"[1-9]?9{6,}[0-9]\.[09]{2}", f"{amount:.2f}"):
        return "filler_amount"
    return "huge_amount" if amount >= 10**9 else None


def _counted_amount(amount: Decimal | None) -> Decimal | None:
    return amount if _doubt(amount) is None else None


def _distance(*degrees: float | None) -> Decimal | None:
    known = [radians(degree) for degree in degrees if degree is not None]
    if len(known) < 4:
        return None
    north, east, other_north, other_east = known
    chord = sin((other_north - north) / 2) ** 2 + cos(north) * cos(other_north) * sin((other_east - east) / 2) ** 2
    return Decimal(f"{2 * EARTH_KM * asin(sqrt(min(chord, 1))):.3f}")


def _lost(*texts: str | None) -> str:
    return str(sum((text or "").count("\ufffd") for text in texts))


def _flags(  # noqa: PLR0913, PLR0917 - the columns it looks at
    published_id: str | None,
    amount: Decimal | None,
    code: str | None,
    notified: date | None,
    published: date | None,
    month: date | None,
    *texts: str | None,
) -> str:
    is_odd = any(day is not None and not 1990 <= day.year <= 2099 for day in (notified, published))
    doubts = {
        "damaged_id": _is_rounded(published_id),
        "no_id": published_id is None,
        _doubt(amount) or "": _doubt(amount) is not None,
        "bad_cpv": code is not None and _cpv_code(code) is None,
        "short_cpv": re.fullmatch("[0-9]{7}", _digits(code)) is not None,
        "no_date": _first_date(notified, published, month) is None,
        "odd_date": is_odd,
        "lost_characters": _lost(published_id, *texts) != "0",
    }
    return ",".join(name for name, is_so in doubts.items() if is_so)


def _amount(quantity: int, price: Decimal) -> Decimal:
    return Decimal(int(price.scaleb(3)) * quantity).scaleb(-3)


PROCUREMENT: dict[str, Callable[..., Any]] = {
    "usable_id": _usable_id,
    "cpv_code": _cpv_code,
    "nature": _nature,
    "first_date": _first_date,
    "first_month": _first_month,
    "counted_amount": _counted_amount,
    "distance_km": _distance,
    "lost_characters": _lost,
    "flags": _flags,
}
SALES: dict[str, Callable[..., Any]] = {
    "amount": _amount,
    "is_cancelled": lambda invoice: invoice.startswith("C"),
    "is_charge": lambda code: code.upper() in CHARGES,
    "product": lambda description, code: description or code,
}
