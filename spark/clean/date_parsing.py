"""Texts → moments by a contract's date forms, and why a bad date is refused.

A column comes as its distinct texts, so each is read once.
"""

from collections.abc import Sequence
from datetime import date, datetime

import pyarrow as pa

from millrace.contract.column import Column
from millrace.contract.date_forms import Day, readings

MOMENT = pa.timestamp("us")


def moments(texts: pa.StringArray, forms: Sequence[str], day: Day, kind: pa.DataType = MOMENT) -> pa.Array:
    """The moment (or date) each text means, in UTC where it names time and zone.

    Null where no form fits, and where two give different ones: 03/04/2014 is March or April, and we do not guess.
    """
    found = _found(texts, forms, day, kind)
    return pa.array([each.pop() if len(each) == 1 else None for each in found], kind)


def doubtful(texts: pa.StringArray, forms: Sequence[str], day: Day, kind: pa.DataType = MOMENT) -> pa.BooleanArray:
    """Per text, whether two forms give different moments (or dates)."""
    return pa.array([len(each) > 1 for each in _found(texts, forms, day, kind)], pa.bool_())


def why_no_date(
    texts: pa.StringArray, column: Column, kind: pa.DataType, is_misfit: pa.BooleanArray
) -> list[tuple[pa.BooleanArray, str]]:
    """Where a text of a date column has no value, each time with the reason; the first that holds is given."""
    forms = " or ".join(column.formats)
    what = "date" if pa.types.is_date(kind) else "date and time"
    return [
        (doubtful(texts, column.formats, column.day, kind), f"fits more than one of the forms {forms}"),
        (is_misfit, f"is no {what} of the form {forms}"),
    ]


def _found(
    texts: pa.StringArray, forms: Sequence[str], day: Day, kind: pa.DataType
) -> Sequence[set[datetime] | set[date]]:
    """Per text, all that it may mean."""
    found = [set() if text is None else readings(text, forms, day) for text in texts.to_pylist()]
    return [{each.date() for each in of} for of in found] if pa.types.is_date(kind) else found
