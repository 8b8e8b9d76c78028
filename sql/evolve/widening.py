"""Whether a column's type holds every value of another, so that changing it loses nothing."""

from typing import Any

from sqlalchemy.types import TypeEngine

WHOLE = {"TINYINT": 3, "SMALLINT": 5, "INTEGER": 10, "BIGINT": 19}
"""Whole numbers, and the digits that the largest of each has."""
DIGITS_OF_DOUBLE = 15
TEXTS = ("CHAR", "VARCHAR", "MEDIUMTEXT")


def is_wider(old: TypeEngine[Any], new: TypeEngine[Any]) -> bool:
    """Whether `new` holds every value of `old` as it stands, and reads it as the same."""
    before, after = old.__visit_name__, new.__visit_name__
    if before in WHOLE or before == "DECIMAL":
        return _holds_number(old, new)
    if before in TEXTS and after in TEXTS:
        return after == "MEDIUMTEXT" or (TEXTS.index(before) <= TEXTS.index(after) and _length(old) <= _length(new))
    if before == "DATETIME" == after:
        return second_decimals(old) <= second_decimals(new)
    return before == after or (before, after) == ("DATE", "DATETIME")


def second_decimals(kind: TypeEngine[Any]) -> int:
    """Digits behind the second that a datetime has."""
    return getattr(kind, "fsp", None) or 0


def _holds_number(old: TypeEngine[Any], new: TypeEngine[Any]) -> bool:
    whole, behind = _digits(old)
    kind = new.__visit_name__
    if kind in WHOLE:
        # From here on a TINYINT would be read as true or false.
        return behind == 0 and old.__visit_name__ != "DECIMAL" and kind != "TINYINT" and WHOLE[kind] >= whole
    if kind == "DECIMAL":
        room, room_behind = _digits(new)
        return room >= whole and room_behind >= behind
    return kind == "DOUBLE" and behind == 0 and whole <= DIGITS_OF_DOUBLE


def _digits(kind: TypeEngine[Any]) -> tuple[int, int]:
    """Digits before and behind the point."""
    if kind.__visit_name__ in WHOLE:
        return WHOLE[kind.__visit_name__], 0
    precision, scale = getattr(kind, "precision", None) or 0, getattr(kind, "scale", None) or 0
    return precision - scale, scale


def _length(kind: TypeEngine[Any]) -> int:
    return getattr(kind, "length", None) or 0
