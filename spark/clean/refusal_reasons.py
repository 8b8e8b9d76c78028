"""One column of a contract: trimmed texts → typed values, or null and one reason why not. Nothing is cut or rounded."""

import re
from decimal import ROUND_CEILING, ROUND_FLOOR
from functools import cache
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from millrace.contract.column import Column
from millrace.contract.column_type import WHOLE, ColumnType
from millrace.record.limits import DEEPEST_JSON, LONGEST_JSON_KEY, LONGEST_TEXT
from spark.clean.arrow_types import arrow_type, number_shape, whole
from spark.clean.date_parsing import moments, why_no_date
from spark.clean.number_parsing import bound, matching, numbers, where

Rule = tuple[pa.BooleanArray, str]
"""Where it is broken, and the reason then given."""


def typed(column: Column, texts: pa.StringArray) -> pa.Array:
    """The values in the column's type; null where the text is empty or does not fit the type."""
    kind = column.column_type
    if column.formats:
        return moments(texts, column.formats, column.day, arrow_type(kind))
    if kind.name == "boolean":
        return _booleans(texts, column.true_values, column.false_values)
    return fitting(texts, kind)


def fitting(texts: pa.StringArray, kind: ColumnType) -> pa.Array:
    """The values of texts in a type that needs no more to be known than itself."""
    if kind.is_number:
        return numbers(texts, kind)
    if kind.name == "json":
        return where(pa.array(map(_is_json, texts.to_pylist()), pa.bool_()), texts)
    if kind.length is None:
        return where(pc.less_equal(pc.binary_length(texts), LONGEST_TEXT), texts)
    return where(pc.less_equal(pc.utf8_length(texts), kind.length), texts)


def reasons(column: Column, texts: pa.StringArray, values: pa.Array) -> pa.StringArray:
    """Why each text is refused, to be read behind the column's name; null when it is accepted."""
    rules = _limits(column, values)
    if values.null_count > texts.null_count:
        rules = [*_misfits(column, texts, pc.and_(texts.is_valid(), values.is_null())), *rules]
    if column.required and texts.null_count:
        rules.append((texts.is_null(), "is required and empty"))
    return first_broken(rules, len(texts))


def first_broken(rules: list[Rule], length: int) -> pa.StringArray:
    """Per row the reason of the first rule that is broken there; null where none is."""
    reasons = pa.nulls(length, pa.string())
    for is_broken, reason in reversed(rules):
        if is_broken.true_count:
            reasons = pc.if_else(pc.fill_null(is_broken, False), reason, reasons)
    return reasons


def _booleans(texts: pa.StringArray, true: tuple[str, ...], false: tuple[str, ...]) -> pa.BooleanArray:
    """Folded as Python folds the contract's words: Arrow's small letters differ from Python's (ΨΕΥΔΉΣ, İ)."""
    words = pa.array((None if text is None else text.casefold() for text in texts.to_pylist()), pa.string())
    is_true = pc.is_in(words, value_set=_folded(true))
    return where(pc.or_(is_true, pc.is_in(words, value_set=_folded(false))), is_true)


@cache
def _folded(texts: tuple[str, ...]) -> pa.StringArray:
    return pa.array((text.casefold() for text in texts), pa.string())


@cache
def _texts(texts: tuple[str, ...]) -> pa.StringArray:
    return pa.array(texts, pa.string())


def _is_json(text: str | None) -> bool:
    """Whether MySQL takes the text as a JSON document."""
    if text is None:
        return False
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    if not re.search(r"[\[{]", text):
        return True
    return _is_storable(document)


def _is_storable(document: Any) -> bool:
    """Neither nested too deeply, nor with a key that is too long."""
    layer: list[Any] = [document]
    for _ in range(DEEPEST_JSON):
        inner: list[Any] = []
        for value in layer:
            if isinstance(value, dict):
                if any(len(key) > LONGEST_JSON_KEY // 4 and len(key.encode()) > LONGEST_JSON_KEY for key in value):
                    return False
                inner.extend(value.values())
            elif isinstance(value, list):
                inner.extend(value)
        if not inner:
            return True
        layer = inner
    return False


def _misfits(column: Column, texts: pa.StringArray, is_misfit: pa.BooleanArray) -> list[Rule]:
    """Reasons for texts that have no value in the column's type; the last one always holds."""
    kind = column.column_type
    if column.formats:
        return why_no_date(texts, column, arrow_type(kind), is_misfit)
    always = (is_misfit, _misfit(column))
    if kind.is_number:
        has_shape = matching(texts, number_shape(kind)).is_valid()
        return [(pc.and_(is_misfit, has_shape), _too_long(kind)), always]
    return [always]


def _misfit(column: Column) -> str:
    kind = column.column_type
    if kind.is_number:
        return f"is not a {'whole ' if kind.is_whole else ''}number"
    if kind.name == "boolean":
        return f"is none of {', '.join((*column.true_values, *column.false_values))}"
    if kind.name == "json":
        return "is not valid JSON"
    return f"is longer than {kind.length} characters" if kind.length else f"is longer than {LONGEST_TEXT} bytes"


def _too_long(kind: ColumnType) -> str:
    if kind.is_whole:
        least, most = WHOLE[kind.name]
        return f"is outside {kind.name}, {least} to {most}"
    if kind.name == "decimal":
        before = (kind.precision or 0) - (kind.scale or 0)
        return f"has more than {before} digits before or {kind.scale} behind the point"
    return "is too large a number"


def _limits(column: Column, values: pa.Array) -> list[Rule]:
    """What the contract asks beyond the type."""
    limits: list[Rule] = []
    if column.min is not None:
        least = bound(column.min, column.column_type, ROUND_CEILING)
        limits.append((pc.less(values, least), f"is below {column.min}"))
    if column.max is not None:
        most = bound(column.max, column.column_type, ROUND_FLOOR)
        limits.append((pc.greater(values, most), f"is above {column.max}"))
    if column.values is not None:
        is_known = pc.is_in(values, value_set=_texts(column.values))
        limits.append((pc.and_not(values.is_valid(), is_known), f"is none of {', '.join(column.values)}"))
    if column.pattern is not None:
        fits = pc.match_substring_regex(values, whole(column.pattern))
        limits.append((pc.invert(fits), f"does not match {column.pattern}"))
    return limits
