"""A contract's types in Arrow, and the shapes of text that fit them, as RE2 reads them."""

from functools import cache

import pyarrow as pa

from millrace.contract.column_type import ColumnType

SIMPLE: dict[str, pa.DataType] = {
    "smallint": pa.int16(),
    "int": pa.int32(),
    "bigint": pa.int64(),
    "double": pa.float64(),
    "date": pa.date32(),
    "datetime": pa.timestamp("us"),
    "boolean": pa.bool_(),
}


@cache
def arrow_type(kind: ColumnType) -> pa.DataType:
    """The type of a cleaned column. Texts and JSON are strings; a datetime has no zone, ours are all UTC."""
    if kind.name == "decimal":
        return pa.decimal128(kind.precision or 0, kind.scale or 0)
    return SIMPLE.get(kind.name, pa.string())


def whole(pattern: str) -> str:
    """A pattern for the whole value and nothing else."""
    return rf"\A(?:{pattern})\z"


@cache
def number_shape(kind: ColumnType) -> str:
    """What a number looks like, however long."""
    if kind.is_whole:
        return whole(r"[+-]?\d+")
    exponent = r"(?:[eE][+-]?\d+)?" if kind.name == "double" else ""
    return whole(rf"[+-]?(?:\d+\.?\d*|\.\d+){exponent}")


@cache
def decimal_shape(kind: ColumnType) -> str:
    """Of texts in number_shape, those that the decimal holds without rounding."""
    before, behind = (kind.precision or 0) - (kind.scale or 0), kind.scale or 0
    return whole(rf"[+-]?0*\d{{0,{before}}}(?:\.\d{{0,{behind}}}0*)?")


@cache
def plain_shape(kind: ColumnType) -> str:
    """A shape of whole numbers and decimals that every reader takes as they stand."""
    if kind.is_whole:
        return whole(r"-?\d{1,18}")
    before, behind = (kind.precision or 0) - (kind.scale or 0), kind.scale or 0
    point = rf"(?:\.\d{{1,{behind}}})?" if behind else ""
    return whole(rf"-?\d{{1,{before}}}{point}") if before else whole(r"0")
