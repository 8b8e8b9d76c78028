"""Texts → numbers, exactly: what a type cannot hold has no value. Whole arrays at once, one value per text."""

import pyarrow as pa
import pyarrow.compute as pc

from millrace.contract.column_type import WHOLE, ColumnType
from spark.clean.arrow_types import arrow_type, decimal_shape, number_shape, plain_shape

LONGEST_WHOLE = pa.decimal128(38, 0)


def numbers(texts: pa.StringArray, kind: ColumnType) -> pa.Array:
    """The numbers in the type; null where the text is none, or none that the type holds as it stands."""
    if kind.is_whole:
        plain = _plain_whole_numbers(texts, kind)
        return _whole_numbers(matching(texts, number_shape(kind)), kind) if plain is None else plain
    if kind.name == "decimal":
        is_plain = all_match(texts, plain_shape(kind))
        fits = texts if is_plain else matching(matching(texts, number_shape(kind)), decimal_shape(kind))
        return fits.cast(arrow_type(kind))
    found = matching(texts, number_shape(kind)).cast(pa.float64())
    return where(pc.is_finite(found), found)


def matching(texts: pa.StringArray, pattern: str) -> pa.StringArray:
    """The texts that match; null for the others."""
    return where(pc.match_substring_regex(texts, pattern), texts)


def all_match(texts: pa.StringArray, pattern: str) -> bool:
    """Whether every text that is there matches."""
    return bool(pc.match_substring_regex(texts, pattern).false_count == 0)


def where(condition: pa.BooleanArray, values: pa.Array) -> pa.Array:
    """The values where the condition is true; null where it is false or unknown."""
    if not condition.false_count and not condition.null_count:
        return values
    return pc.if_else(condition, values, pa.scalar(None, values.type))


def _plain_whole_numbers(texts: pa.StringArray, kind: ColumnType) -> pa.Array | None:
    """What most batches hold: whole numbers within their range, without plus signs; None where one is not so."""
    if not all_match(texts, plain_shape(kind)):
        return None
    found = texts.cast(pa.int64())
    least, most = pc.min_max(found).as_py().values()
    fits = least is None or (WHOLE[kind.name][0] <= least and most <= WHOLE[kind.name][1])
    return found.cast(arrow_type(kind)) if fits else None


def _whole_numbers(texts: pa.StringArray, kind: ColumnType) -> pa.Array:
    """By way of 38 digits: every longer text is out of range for certain."""
    digits = pc.replace_substring_regex(texts, r"\A\+?(-?)0*(\d+)\z", r"\1\2")
    found = matching(digits, r"\A-?\d{1,38}\z").cast(LONGEST_WHOLE)
    least, most = (pa.scalar(limit, pa.int64()).cast(pa.decimal128(19, 0)) for limit in WHOLE[kind.name])
    fits = pc.and_(pc.greater_equal(found, least), pc.less_equal(found, most))
    return where(fits, found).cast(pa.int64()).cast(arrow_type(kind))
