"""A bank of values that a contract's columns must refuse, each with the reason it must give."""

from collections.abc import Iterator

from millrace.contract.column import Column
from millrace.contract.column_type import WHOLE
from millrace.contract.contract import Contract
from millrace.contract.date_forms import moment

Case = tuple[Column, str, str]


def awkward(contract: Contract) -> list[Case]:
    """(column, text, reason) for every rule of every column of the contract."""
    return [(column, text, reason) for column in contract.columns for text, reason in _cases(column)]


def _cases(column: Column) -> Iterator[tuple[str, str]]:
    if column.required:
        yield "", "is required and empty"
        yield " \t ", "is required and empty"
    kind = column.column_type
    if column.formats:
        yield from _dates(column)
    elif kind.is_number:
        yield from _numbers(column)
    elif kind.name == "boolean":
        yield "perhaps", f"is none of {', '.join((*column.true_values, *column.false_values))}"
    elif kind.is_text:
        yield from _texts(column)


def _dates(column: Column) -> Iterator[tuple[str, str]]:
    what = "date" if column.column_type.name == "date" else "date and time"
    reason = f"is no {what} of the form {' or '.join(column.formats)}"
    tail = "" if what == "date" else " 07:06:49"
    serial = "4100" if "Myyyy" in column.formats else "41000"
    for text in (f"2014-02-30{tail}", f"2014-2-3{tail}", f"14-02-03{tail}", "yesterday", "2014-02-03\0", serial):
        if moment(text, column.formats, column.day) is None:
            yield text, reason


def _numbers(column: Column) -> Iterator[tuple[str, str]]:
    kind = column.column_type
    what = "whole number" if kind.is_whole else "number"
    for text in ("many", "12x", "0x1F", "1 2", "٣", "NaN", "5\0"):
        yield text, f"is not a {what}"
    if kind.is_whole:
        least, most = WHOLE[kind.name]
        yield "1.5", "is not a whole number"
        yield str(most + 1), f"is outside {kind.name}, {least} to {most}"
        yield "9" * 40, f"is outside {kind.name}, {least} to {most}"
    if kind.name == "decimal" and not column.parse:
        before = (kind.precision or 0) - (kind.scale or 0)
        reason = f"has more than {before} digits before or {kind.scale} behind the point"
        yield "1." + "0" * (kind.scale or 0) + "1", reason
        yield "1" + "0" * before, reason
    if column.min is not None:
        yield str(int(column.min) - 1), f"is below {column.min}"
    if column.max is not None and kind.is_whole:
        yield str(int(column.max) + 1), f"is above {column.max}"


def _texts(column: Column) -> Iterator[tuple[str, str]]:
    length = column.column_type.length
    if column.parse:
        yield "!", f"does not match {column.pattern}"
        return
    if length is not None:
        yield "é" * (length + 1), f"is longer than {length} characters"
    if column.values is not None:
        yield "?", f"is none of {', '.join(column.values)}"
    if column.pattern is not None:
        yield "?", f"does not match {column.pattern}"
