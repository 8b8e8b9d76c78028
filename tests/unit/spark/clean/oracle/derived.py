"""The functions that contracts name under `by`, from what docs/feeds.md promises of them, over Python's own values."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from tests.unit.spark.clean.oracle import commerce, france, weather

AMOUNT = r"([0-9][0-9,]*(?:\.[0-9]+)?)"


def derived_by(feed: str, name: str) -> Callable[..., Any]:
    """The function of that name, the feed's own before those of all. None: no value. UNDECIDED: the docs do not say."""
    return {**COMMON, **OWN.get(feed, {})}[name]


def _money(text: str | None) -> str | None:
    """`$25 Copay after deductible` → 25 · `No Charge` → 0"""
    return _amount(text, r"\$\s*" + AMOUNT)


def _percent(text: str | None) -> str | None:
    """`30% Coinsurance after deductible` → 30 · `No Charge` → 0"""
    return _amount(text, AMOUNT + r"\s*%")


def _amount(text: str | None, shape: str) -> str | None:
    if text is None:
        return None
    if re.match(r"no charge\b", text, re.IGNORECASE | re.ASCII):
        return "0"
    found = re.search(shape, text, re.ASCII)
    return found[1].replace(",", "") if found else None


def _sentinel_rate(rate: Decimal | None) -> bool:
    return rate is not None and rate >= 9999


def _age_from(band: str | None) -> str | None:
    found = re.match(r"[0-9]{1,3}\b", band or "", re.ASCII)
    return found[0] if found else None


COMMON: dict[str, Callable[..., Any]] = {
    "money": _money,
    "percent": _percent,
    "sentinel_rate": _sentinel_rate,
    "age_from": _age_from,
}
OWN: dict[str, dict[str, Callable[..., Any]]] = {
    "employment": france.EMPLOYMENT,
    "hospital": france.HOSPITAL,
    "procurement": commerce.PROCUREMENT,
    "sales": commerce.SALES,
    "weather": weather.WEATHER,
}
