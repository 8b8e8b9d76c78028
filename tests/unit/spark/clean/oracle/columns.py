"""What docs/feeds.md promises of a column's text, by Python's own int, Decimal, float and re: nothing of the engine."""

import json
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from millrace.contract.column import Column
from millrace.contract.column_type import ColumnType
from tests.unit.spark.clean.oracle.dates import meanings

WHITE_SPACE = " \t\r\n\f\v\u00a0\ufeff"
BITS = {"smallint": 16, "int": 32, "bigint": 64}
DEEPEST, LONGEST_NAME = 100, 65_535
Parse = Callable[[str], str | None]


class Outcome(NamedTuple):
    """What becomes of a text: it is refused, or has this value."""

    value: Any = None
    is_refused: bool = False


REFUSED = Outcome(is_refused=True)


def outcome(column: Column, texts: Mapping[str, str], parse: Parse | None = None) -> Outcome:
    """What becomes of a record's texts in one of its columns. `parse`: the function that the contract names."""
    text = _given(column, texts)
    if text is None or text in column.missing:
        return Outcome(is_refused=column.required)
    tidy = parse(text) if parse else text
    if tidy is None:
        return Outcome(is_refused=column.required)
    value = fitted(tidy, column.column_type) if not _has_words(column) else _by_words(column, tidy)
    return REFUSED if value is None or _is_beyond(column, value) else Outcome(value)


def fitted(text: str, kind: ColumnType) -> Any:
    """The text's value in a type that needs no more to be known than itself; None where it does not fit exactly."""
    if kind.name in BITS:
        return _whole(text, 2 ** (BITS[kind.name] - 1))
    if kind.name == "decimal":
        return _decimal(text, kind.precision or 0, kind.scale or 0)
    if kind.name == "double":
        return _double(text)
    if kind.name == "json":
        return text if _is_document(text) else None
    return text if kind.length is None or len(text) <= kind.length else None


def _given(column: Column, texts: Mapping[str, str]) -> str | None:
    """The first that is not empty, without the white space around it; an empty one only where the column keeps it."""
    found = [texts[header].strip(WHITE_SPACE) for header in column.headers if header in texts]
    nothing = "" if found and column.empty == "keep" else None
    return next((text for text in found if text), nothing)


def _has_words(column: Column) -> bool:
    return bool(column.formats) or column.column_type.name == "boolean"


def _by_words(column: Column, text: str) -> bool | date | datetime | None:
    if column.column_type.name == "boolean":
        folded = text.casefold()
        is_true = any(folded == word.casefold() for word in column.true_values)
        return is_true if is_true or any(folded == word.casefold() for word in column.false_values) else None
    found: set[Any] = set(meanings(text, column.formats, column.day))
    if column.column_type.name == "date":
        found = {moment.date() for moment in found}
    return found.pop() if len(found) == 1 else None


def _is_beyond(column: Column, value: Any) -> bool:
    """Whether the value breaks a limit of the contract."""
    if column.column_type.is_number:
        as_number = float if isinstance(value, float) else Decimal
        is_low = column.min is not None and value < as_number(column.min)
        return is_low or (column.max is not None and value > as_number(column.max))
    if column.values is not None and value not in column.values:
        return True
    return column.pattern is not None and re.fullmatch(column.pattern, value, re.ASCII) is None


def _whole(text: str, limit: int) -> int | None:
    if not re.fullmatch(r"[+-]?[0-9]+", text):
        return None
    return int(text) if -limit <= int(text) < limit else None


def _decimal(text: str, precision: int, scale: int) -> Decimal | None:
    if not re.fullmatch(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)", text):
        return None
    whole, _, behind = text.lstrip("+-").partition(".")
    if len(whole.lstrip("0")) > precision - scale or len(behind.rstrip("0")) > scale:
        return None
    return Decimal(text)


def _double(text: str) -> float | None:
    if not re.fullmatch(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?", text):
        return None
    return float(text) if abs(float(text)) < float("inf") else None


def _is_document(text: str) -> bool:
    """Whether MySQL's JSON can hold it."""
    try:
        document = json.loads(text, parse_constant=_no_constant, parse_float=_finite, parse_int=_finite)
        json.dumps(document, ensure_ascii=False).encode()
        return _depth(document) <= DEEPEST
    except (ValueError, RecursionError):
        return False


def _no_constant(name: str) -> float:
    raise ValueError(name)


def _finite(text: str) -> float:
    if abs(float(text)) == float("inf"):
        raise ValueError(text)
    return float(text)


def _depth(document: Any) -> int:
    """Levels, what stands in the innermost list being one, as MySQL counts. Raises ValueError for too long a name."""
    if isinstance(document, dict):
        if any(len(name.encode()) > LONGEST_NAME for name in document):
            raise ValueError("a name is too long")
        return 1 + max(map(_depth, document.values()), default=0)
    return 1 + max(map(_depth, document if isinstance(document, list) else ()), default=0)
