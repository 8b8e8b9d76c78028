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
