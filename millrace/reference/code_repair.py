"""Codes and counts that spreadsheets and data frames spoilt, mended column by column."""

import pyarrow as pa
import pyarrow.compute as pc

FIRST_YEAR, LAST_YEAR = 1900, 2999
"""A spreadsheet's number of a day, such as 43909, would be read as a month of the year 3909."""


def within(numbers: pa.Array, least: int, most: int) -> pa.Array:
    """The numbers from the least to the most; none for others."""
    return pc.if_else(pc.and_(pc.greater_equal(numbers, least), pc.less_equal(numbers, most)), numbers, None)


def whole(texts: pa.StringArray) -> pa.StringArray:
    """A whole number that became a float: "111.0" → "111"; what is none stays as it is, to be refused later."""
    return pc.replace_substring_regex(texts, r"^([+-]?\d+)\.0+$", r"\1")


def padded(texts: pa.StringArray, width: int) -> pa.StringArray:
    """A code that lost its leading zeros, or became a float: at width 2 "1" → "01", "1.0" → "01", "2a" → "2A"."""
    return pc.utf8_lpad(pc.utf8_upper(whole(texts)), width, "0")
