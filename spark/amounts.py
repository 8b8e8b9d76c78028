"""Texts → numbers, exactly: what a type cannot hold has no value. Whole arrays at once, one value per text."""

import pyarrow as pa
import pyarrow.compute as pc

from feeds.column_type import WHOLE, ColumnType
from spark.shapes import arrow_type, decimal_shape, number_shape

LONGEST_WHOLE = pa.decimal128(38, 0)


def numbers(texts: pa.StringArray, kind: ColumnType) -> pa.Array:
    """The numbers in the type; null where the text is none, or none that the type holds as it stands."""
    looks = matching(texts, number_shape(kind))
    if kind.is_whole:
        return _whole_numbers(looks, kind)
    if kind.name == "decimal":
        return matching(looks, decimal_shape(kind)).cast(arrow_type(kind))
    found = looks.cast(pa.float64())
    return where(pc.is_finite(found), found)


def matching(texts: pa.StringArray, pattern: str) -> pa.StringArray:
    """The texts that match; null for the others."""
    return where(pc.match_substring_regex(texts, pattern), texts)


def where(condition: pa.BooleanArray, values: pa.Array) -> pa.Array:
    """The values where the condition is true; null where it is false or unknown."""
    return pc.if_else(condition, values, pa.scalar(None, values.type))


def _whole_numbers(looks: pa.StringArray, kind: ColumnType) -> pa.Array:
    """By way of 38 digits: every longer text is out of range for certain."""
    digits = pc.replace_substring_regex(looks, r"\A\+?(-?)0*(\d+)\z", r"\1\2")
    found = matching(digits, r"\A-?\d{1,38}\z").cast(LONGEST_WHOLE)
    least, most = (pa.scalar(limit, pa.int64()).cast(pa.decimal128(19, 0)) for limit in WHOLE[kind.name])
    fits = pc.and_(pc.greater_equal(found, least), pc.less_equal(found, most))
    return where(fits, found).cast(pa.int64()).cast(arrow_type(kind))
