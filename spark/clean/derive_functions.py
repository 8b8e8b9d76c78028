"""Columns computed from cleaned ones. Contracts name these in `by`; no value is null, never a guess.

One array per column in, one array out, each row by itself. Texts that they give are cast to the column's type.
"""

import pyarrow as pa
import pyarrow.compute as pc

from spark.clean.number_parsing import where

NUMBER = r"\d[\d,]*(?:\.\d+)?"
NO_CHARGE = r"(?i)\Ano charge\b"
SENTINEL_RATE = 9999
"""Issuers write 9999, 9999.99 or 999999 where a plan has no rate; real monthly rates stay below 3,000 dollars."""


def money(texts: pa.StringArray) -> pa.StringArray:
    """The dollars in a text: "$25 Copay after deductible" → "25", "No Charge" → "0", "Not Applicable" → null."""
    return _amount(texts, rf"\$\s*(?P<found>{NUMBER})")


def percent(texts: pa.StringArray) -> pa.StringArray:
    """The per cent in a text: "30% Coinsurance after deductible" → "30", "No Charge" → "0", "$0" → null."""
    return _amount(texts, rf"(?P<found>{NUMBER})\s*%")


def sentinel_rate(rates: pa.Array) -> pa.BooleanArray:
    """True where the rate is a mark for "none" and not an amount."""
    return pc.fill_null(pc.greater_equal(rates, SENTINEL_RATE), False)


def age_from(bands: pa.StringArray) -> pa.StringArray:
    """The youngest age of a band in years: "0-20" → "0", "21" → "21", "65 and over" → "65", "Family Option" → null."""
    return _found(bands, r"\A(?P<found>\d{1,3})\b")


def _amount(texts: pa.StringArray, pattern: str) -> pa.StringArray:
    amount = pc.replace_substring(_found(texts, pattern), ",", "")
    return pc.if_else(pc.fill_null(pc.match_substring_regex(texts, NO_CHARGE), False), "0", amount)


def _found(texts: pa.StringArray, pattern: str) -> pa.StringArray:
    found = pc.struct_field(pc.extract_regex(texts, pattern), "found")
    return where(pc.not_equal(found, ""), found)
