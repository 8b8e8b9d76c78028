"""A contract's types in Spark, and the shapes of text that fit them."""

import re

from pyspark.sql import types as T  # noqa: N812

from feeds.column_type import ColumnType
from feeds.errors import Refused

WHITE_SPACE = " \t\r\n\f\v\u00a0\ufeff"
"""What is trimmed off both ends of a value, the byte order mark among it."""

SIMPLE: dict[str, T.DataType] = {
    "smallint": T.ShortType(),
    "int": T.IntegerType(),
    "bigint": T.LongType(),
    "double": T.DoubleType(),
    "date": T.DateType(),
    "datetime": T.TimestampNTZType(),
    "boolean": T.BooleanType(),
}
FORM_PARTS = {
    "yyyy": r"\d{4}",
    "yy": r"\d{2}",
    "MMM": "[A-Za-z]{3}",
    "MM": r"\d{2}",
    "M": r"\d{1,2}",
    "dd": r"\d{2}",
    "d": r"\d{1,2}",
    "HH": r"\d{2}",
    "H": r"\d{1,2}",
    "hh": r"\d{2}",
    "h": r"\d{1,2}",
    "mm": r"\d{2}",
    "m": r"\d{1,2}",
    "ss": r"\d{2}",
    "s": r"\d{1,2}",
    "SSS": r"\d{3}",
    "SSSSSS": r"\d{6}",
    "a": "(?:AM|PM)",
    "XXX": r"(?:Z|[+-]\d{2}:\d{2})",
}
FORM_TOKEN = re.compile(r"'(?P<literal>[^']+)'|(?P<letters>(?P<letter>[A-Za-z])(?P=letter)*)|(?P<sign>[^A-Za-z'])")


def spark_type(kind: ColumnType) -> T.DataType:
    """The type of a cleaned column. Texts and JSON are strings; a datetime has no zone, ours are all UTC."""
    if kind.name == "decimal":
        return T.DecimalType(kind.precision or 0, kind.scale or 0)
    return SIMPLE.get(kind.name, T.StringType())


def whole(pattern: str) -> str:
    """A pattern for the whole value and nothing else (`$` would allow a line end behind it)."""
    return rf"\A(?:{pattern})\z"


def number_shape(kind: ColumnType) -> str:
    """What a number looks like, however long."""
    if kind.is_whole:
        return whole(r"[+-]?\d+")
    exponent = r"(?:[eE][+-]?\d+)?" if kind.name == "double" else ""
    return whole(rf"[+-]?(?:\d+\.?\d*|\.\d+){exponent}")


def exact_shape(kind: ColumnType) -> str:
    """The number shapes that the type holds without rounding."""
    if kind.name == "decimal":
        before, behind = (kind.precision or 0) - (kind.scale or 0), kind.scale or 0
        return whole(rf"[+-]?(?=\.?\d)0*\d{{0,{before}}}(?:\.\d{{0,{behind}}}0*)?")
    return number_shape(kind)


def form_shape(form: str, feed: str) -> str:
    """The shape of texts in a datetime form such as "M/d/yyyy H:mm"; refuses letters that have no known shape."""
    tokens = list(FORM_TOKEN.finditer(form))
    unknown = next((t["letters"] for t in tokens if t["letters"] and t["letters"] not in FORM_PARTS), None)
    if unknown or sum(len(token[0]) for token in tokens) != len(form):
        part = f" ({unknown})" if unknown else ""
        raise Refused(f"feeds/{feed}/contract.yaml: the date form {form!r} is not understood{part}.")
    return whole(
        "".join(FORM_PARTS.get(t["letters"] or "", re.escape(t["literal"] or t["sign"] or "")) for t in tokens)
    )
