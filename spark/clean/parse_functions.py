"""Raw texts → tidier texts, before the cast. Contracts name these in `parse`; what is not understood stays as it is.

One string array in, one out, each text by itself: the engine calls them with the distinct texts of a batch.
"""

import pyarrow as pa
import pyarrow.compute as pc


def whole_number(texts: pa.StringArray) -> pa.StringArray:
    """A whole number that a spreadsheet wrote as a float: "29027.0" → "29027"; "3.5" stays and is refused later."""
    return pc.replace_substring_regex(texts, r"\A([+-]?\d+)\.0+\z", r"\1")


def county_fips(texts: pa.StringArray) -> pa.StringArray:
    """The five digits of a US county, from a float that lost its leading zero: "1001.0" → "01001"."""
    return pc.replace_substring_regex(whole_number(texts), r"\A(\d{4})\z", r"0\1")


def decimal_comma(texts: pa.StringArray) -> pa.StringArray:
    """A number with a comma before its decimals: "3,5" → "3.5". "3.500" becomes "3,500", which is refused later."""
    with_point = pc.replace_substring_regex(texts, r"\A([+-]?\d*),(\d+)\z", r"\1.\2")
    return pc.if_else(pc.match_substring(texts, "."), pc.replace_substring(texts, ".", ","), with_point)


def grouped_number(texts: pa.StringArray) -> pa.StringArray:
    """A number with commas between its thousands: "1,234.50" → "1234.50"; "1,5" stays and is refused later."""
    is_grouped = pc.match_substring_regex(texts, r"\A[+-]?\d{1,3}(,\d{3})+(\.\d+)?\z")
    return pc.if_else(is_grouped, pc.replace_substring(texts, ",", ""), texts)


def point_grouped(texts: pa.StringArray) -> pa.StringArray:
    """Points between thousands, a comma before decimals: "1.234,50" → "1234.50"; "1.5" becomes "1,5", refused later."""
    is_grouped = pc.match_substring_regex(texts, r"\A[+-]?\d{1,3}(\.\d{3})+(,\d+)?\z")
    return decimal_comma(pc.if_else(is_grouped, pc.replace_substring(texts, ".", ""), texts))
