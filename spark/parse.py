"""Raw text → tidier text, before the cast. Contracts name these in `parse`; what is not understood stays as it is."""

from pyspark.sql import Column
from pyspark.sql import functions as F  # noqa: N812


def whole_number(text: Column) -> Column:
    """A whole number that a spreadsheet wrote as a float: "29027.0" → "29027"; "3.5" stays and is refused later."""
    return F.when(text.rlike(r"\A[+-]?\d+\.0+\z"), F.regexp_extract(text, r"\A([+-]?\d+)", 1)).otherwise(text)


def county_fips(text: Column) -> Column:
    """The five digits of a US county, from a float that lost its leading zero: "1001.0" → "01001"."""
    digits = whole_number(text)
    return F.when(digits.rlike(r"\A\d{4}\z"), F.concat(F.lit("0"), digits)).otherwise(digits)
