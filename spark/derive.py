"""Columns computed from a cleaned one. Contracts name these in `by`; no value is NULL, never a guess."""

from pyspark.sql import Column
from pyspark.sql import functions as F  # noqa: N812

NUMBER = r"\d[\d,]*(?:\.\d+)?"
NO_CHARGE = r"(?i)\Ano charge\b"
SENTINEL_RATE = 9999
"""Issuers write 9999, 9999.99 or 999999 where a plan has no rate; real monthly rates stay below 3,000 dollars."""


def money(text: Column) -> Column:
    """The dollars in a text: "$25 Copay after deductible" → 25, "No Charge" → 0, "Not Applicable" → NULL."""
    amount = F.regexp_extract(text, rf"\$\s*({NUMBER})", 1)
    return F.when(text.rlike(NO_CHARGE), F.lit("0")).otherwise(_number(amount))


def percent(text: Column) -> Column:
    """The per cent in a text: "30% Coinsurance after deductible" → 30, "No Charge" → 0, "$0" → NULL."""
    share = F.regexp_extract(text, rf"({NUMBER})\s*%", 1)
    return F.when(text.rlike(NO_CHARGE), F.lit("0")).otherwise(_number(share))


def sentinel_rate(rate: Column) -> Column:
    """True where the rate is a mark for "none" and not an amount."""
    return F.coalesce(rate >= SENTINEL_RATE, F.lit(False))


def age_from(band: Column) -> Column:
    """The youngest age of a band in years: "0-20" → 0, "21" → 21, "65 and over" → 65, "Family Option" → NULL."""
    return F.nullif(F.regexp_extract(band, r"\A(\d{1,3})\b", 1), F.lit(""))


def _number(text: Column) -> Column:
    return F.nullif(F.replace(text, F.lit(","), F.lit("")), F.lit(""))
