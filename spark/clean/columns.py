"""A column of a batch by its distinct texts: what is costly is done once per text, however many rows carry it."""

from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from millrace.contract.column import Column, Derived
from millrace.contract.contract import Contract
from millrace.contract.date_forms import WHITE_SPACE
from spark.clean import derive_functions, parse_functions
from spark.clean.arrow_types import arrow_type
from spark.clean.contract_functions import call, function_named
from spark.clean.number_parsing import where
from spark.clean.refusal_reasons import first_broken, fitting, reasons, typed


class TypedColumn(NamedTuple):
    """A column: row n holds text, value and reason codes[n] of those that are distinct.

    `reasons`: why a text is refused, which then has no value.
    """

    name: str
    codes: pa.Int32Array
    texts: pa.StringArray
    values: pa.Array
    reasons: pa.StringArray

    @property
    def is_fine(self) -> bool:
        """Whether no text is refused."""
        return bool(self.reasons.null_count == len(self.reasons))

    def refused(self) -> pa.BooleanArray:
        """Per row, whether its text is refused."""
        return self.reasons.is_valid().take(self.codes)

    def plain(self) -> pa.Array:
        """The values, row by row."""
        return self.values.take(self.codes)

    def coded(self) -> pa.DictionaryArray:
        """The values, row by row, each distinct text's kept once."""
        return pa.DictionaryArray.from_arrays(self.codes, self.values)


def typed_columns(columns: Sequence[Column], raw: Sequence[list[pa.StringArray]], feed: str) -> list[TypedColumn]:
    """The source columns, each from what stands under its headers."""
    distinct = [_first_filled(each).dictionary_encode("encode") for each in raw]
    tidied = _tidy(columns, [each.dictionary for each in distinct])
    return [
        _check(column, each.indices, texts, feed) for column, each, texts in zip(columns, distinct, tidied, strict=True)
    ]


def _check(column: Column, codes: pa.Int32Array, texts: pa.StringArray, feed: str) -> TypedColumn:
    if column.missing:
        texts = where(pc.invert(pc.is_in(texts, value_set=pa.array(column.missing))), texts)
    if column.parse:
        texts = call(function_named(parse_functions, column.parse, feed), texts)
    values = typed(column, texts)
    why = reasons(column, texts, values)
    if why.null_count < len(why):
        # What is computed from others may count on the contract's limits.
        values = where(why.is_null(), values)
    return TypedColumn(column.name, codes, texts, values, why)


def derive_column(column: Derived, inputs: list[TypedColumn], contract: Contract) -> TypedColumn:
    """A column computed from others; one that is required refuses rows for which it has no value."""
    one = inputs[0] if len(inputs) == 1 else _side_by_side(inputs)
    arguments = [one.values] if len(inputs) == 1 else [each.plain() for each in inputs]
    values = _as_type(call(function_named(derive_functions, column.by, contract.feed), *arguments), column)
    # An input that is refused has its reason already.
    is_missing = pc.and_(values.is_null(), one.reasons.is_null())
    rules = [(is_missing, column.reason)] if column.required else []
    return TypedColumn(column.name, one.codes, one.texts, values, first_broken(rules, len(values)))


def _first_filled(raw: list[pa.StringArray]) -> pa.StringArray:
    if len(raw) == 1:
        return raw[0]
    trimmed = [pc.utf8_trim(texts, characters=WHITE_SPACE) for texts in raw]
    return pc.coalesce(*(where(pc.not_equal(texts, ""), texts) for texts in trimmed), *trimmed)


def _tidy(columns: Sequence[Column], texts: Sequence[pa.StringArray]) -> list[pa.StringArray]:
    """Trimmed, and null where nothing is left, unless the column keeps that. All columns at once: calls cost most."""
    trimmed = pc.utf8_trim(pa.concat_arrays(texts), characters=WHITE_SPACE)
    filled = where(pc.not_equal(trimmed, ""), trimmed)
    starts = accumulate((len(each) for each in texts), initial=0)
    return [
        (trimmed if column.empty == "keep" else filled).slice(start, len(each))
        for column, start, each in zip(columns, starts, texts, strict=False)
    ]


def _side_by_side(inputs: list[TypedColumn]) -> TypedColumn:
    """Several columns as one, every row a text of its own."""
    rows = len(inputs[0].codes)
    texts = [each.texts.take(each.codes) for each in inputs]
    joined = pc.binary_join_element_wise(*texts, ", ", null_handling="replace")
    against = pc.coalesce(*(each.reasons.take(each.codes) for each in inputs))
    return TypedColumn("", pa.array(range(rows), pa.int32()), joined, pa.nulls(rows), against)


def _as_type(values: pa.Array, column: Derived) -> pa.Array:
    """The values in the column's type; null where one does not fit it as it stands."""
    kind = column.column_type
    wanted = arrow_type(kind)
    if pa.types.is_timestamp(wanted):
        moments = values.cast(wanted)
        return where(pc.equal(pc.floor_temporal(moments, unit="second"), moments), moments)
    if values.type == wanted and not pa.types.is_string(wanted):
        return values
    if pa.types.is_temporal(wanted) or pa.types.is_boolean(wanted) or values.null_count == len(values):
        return values.cast(wanted)
    return fitting(values.cast(pa.string()), kind)
