"""Texts → numbers, exactly: what a type cannot hold has no value. Whole arrays at once, one value per text."""

from decimal import Context, Decimal
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc

from millrace.contract.column_type import WHOLE, ColumnType
from spark.clean.arrow_types import arrow_type, decimal_shape, number_shape, plain_shape

MOST_DIGITS = 38
LONGEST_WHOLE = pa.decimal128(MOST_DIGITS, 0)


def numbers(texts: pa.StringArray, kind: ColumnType) -> pa.Array:
    """The numbers in the type; null where the text is none, or none that the type holds as it stands."""
    if kind.is_whole:
        plain = _plain_whole_numbers(texts, kind)
        return _whole_numbers(matching(texts, number_shape(kind)), kind) if plain is None else plain
    if kind.name == "decimal":
        is_plain = all_match(texts, plain_shape(kind))
        return (texts if is_plain else _fitting_decimals(texts, kind)).cast(arrow_type(kind))
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


@cache
def bound(limit: Decimal, kind: ColumnType, inwards: str) -> pa.Scalar:
    """A contract's limit as numbers of the type can be compared with it: Arrow compares only what one type can hold.

    It is rounded inwards (a least number with ROUND_CEILING) to the type's decimals; of limits beyond all its numbers
    the nearest does.
    """
    if kind.name == "double":
        return pa.scalar(float(limit))
    before, behind = (19, 0) if kind.is_whole else ((kind.precision or 0) - (kind.scale or 0), kind.scale or 0)
    first_beyond = Decimal(10) ** before
    near = max(-first_beyond, min(limit, first_beyond))
    exact = near.quantize(Decimal(1).scaleb(-behind), inwards, Context(prec=before + behind + 1))
    if kind.is_whole and WHOLE["bigint"][0] <= exact <= WHOLE["bigint"][1]:
        return pa.scalar(int(exact))
    digits = before + behind + 1
    return pa.scalar(exact, pa.decimal128(digits, behind) if digits <= MOST_DIGITS else pa.decimal256(digits, behind))


def _fitting_decimals(texts: pa.StringArray, kind: ColumnType) -> pa.StringArray:
    """Those that the decimal holds, without the noughts behind its last digit: of too many Arrow can make no number."""
    fits = matching(matching(texts, number_shape(kind)), decimal_shape(kind))
    return pc.replace_substring_regex(fits, rf"\A([+-]?)(\d*\.\d{{0,{kind.scale}}})0*\z", r"\10\2")


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
