"""Numbers about the limits of a column, in all the ways that one number can be written."""

import re
from collections.abc import Callable
from decimal import Context, Decimal
from random import Random

from millrace.contract.column import Column
from millrace.contract.column_type import ColumnType

DIGITS = {"smallint": 5, "int": 10, "bigint": 19, "double": 20}
BITS = {"smallint": 15, "int": 31, "bigint": 63}
LARGEST = Decimal(10) ** 45
"""Limits beyond are too long to be written out."""
EXACT = Context(prec=400)


def number(column: Column, random: Random) -> str:
    """For the column, as the function that it names under `parse` expects it."""
    kind = column.column_type
    text = _written(_near(column, random) if random.random() < 0.5 else _any(kind, random), kind, random)
    return PARSED[column.parse](text) if column.parse in PARSED else text


def _near(column: Column, random: Random) -> Decimal:
    """A limit of the type or of the contract, or the number beside it."""
    kind = column.column_type
    limits = [limit for limit in (column.min, column.max) if limit is not None and abs(limit) < LARGEST]
    edge = random.choice([*limits * 3, *_edges(kind), Decimal(0), Decimal(1)])
    return EXACT.add(edge, Decimal(random.choice((-1, 0, 0, 1))).scaleb(-_scale(kind)))


def _any(kind: ColumnType, random: Random) -> Decimal:
    """A number of as many digits as the type has at most, or one more, and as many decimals."""
    digits = random.randint(0, (kind.precision or DIGITS.get(kind.name, 0)) + 1)
    return Decimal(random.choice((-1, 1)) * random.randrange(10**digits)).scaleb(-_scale(kind), EXACT)


def _scale(kind: ColumnType) -> int:
    return 0 if kind.is_whole else kind.scale if kind.scale is not None else 3


def _edges(kind: ColumnType) -> list[Decimal]:
    if kind.name == "double":
        return [Decimal(text) for text in ("1.7976931348623157e308", "-1.8e308", "5e-324", "9007199254740993", "0.1")]
    if kind.name == "decimal":
        beyond = Decimal(10) ** ((kind.precision or 0) - _scale(kind))
        return [beyond, -beyond, Decimal(1).scaleb(-_scale(kind)), Decimal(1).scaleb(-_scale(kind) - 1)]
    return [Decimal(2 ** BITS[kind.name]), Decimal(-(2 ** BITS[kind.name])), Decimal(10**18), Decimal(-(10**19))]


def _written(number: Decimal, kind: ColumnType, random: Random) -> str:
    plain = f"{number:f}"
    sign, digits = ("-", plain[1:]) if plain.startswith("-") else ("", plain)
    point = "" if "." in digits else "."
    ways = [plain] * 8
    ways += [f"{sign or '+'}{digits}", f"{sign}000{digits}", f"{sign}{'0' * 50}{digits}"]
    if not kind.is_whole or random.random() < 0.2:
        short = f"{sign}{digits.removeprefix('0')}{point}"
        ways += [f"{plain}{point}00", f"{plain}{point}{'0' * 50}", plain + point, short, f"{short}{'0' * 50}"]
    if kind.name == "double":
        ways += [f"{number:e}", f"{number:E}".replace("E", "e+0"), f"{plain}e2"]
    return random.choice(ways)


def _with_thousands(text: str) -> str:
    before, point, behind = text.partition(".")
    return re.sub(r"(?<=[0-9])(?=([0-9]{3})+\Z)", ",", before) + point + behind


PARSED: dict[str | None, Callable[[str], str]] = {
    "decimal_comma": lambda text: text.replace(".", ","),
    "grouped_number": _with_thousands,
    "plain_digits": _with_thousands,
    "point_grouped": lambda text: _with_thousands(text).translate(str.maketrans(",.", ".,")),
    "plain_number": lambda text: f"{Decimal(text):E}" if len(text) % 2 else text,
    "whole_number": lambda text: text + ".0" if "." not in text else text,
    "count": lambda text: text + ".0" if "." not in text else text,
}
