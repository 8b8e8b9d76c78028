"""The types a column may have, read from the words of a contract: smallint, decimal(10,2), char(2) …"""

import re
from dataclasses import dataclass
from functools import cache

WHOLE = {"smallint": (-(2**15), 2**15 - 1), "int": (-(2**31), 2**31 - 1), "bigint": (-(2**63), 2**63 - 1)}
SIMPLE = (*WHOLE, "double", "text", "date", "datetime", "boolean", "json")
ARGUMENTS = {"decimal": 2, "char": 1, "varchar": 1}
SHAPE = re.compile(r"([a-z]+)(?:\((\d+)(?:,\s*(\d+))?\))?")


@dataclass(frozen=True)
class ColumnType:
    """A type's name and its numbers: length for char and varchar, precision and scale for decimal.

    `second_decimals`: digits behind the second that a datetime's forms have.
    """

    name: str
    length: int | None = None
    precision: int | None = None
    scale: int | None = None
    second_decimals: int = 0

    @property
    def is_whole(self) -> bool:
        return self.name in WHOLE

    @property
    def is_number(self) -> bool:
        return self.is_whole or self.name in ("decimal", "double")

    @property
    def is_text(self) -> bool:
        return self.name in ("char", "varchar", "text")


@cache
def parse_type(text: str) -> ColumnType:
    """The type a contract's word stands for; ValueError names the known ones."""
    match = SHAPE.fullmatch(text.strip())
    name = match[1] if match else ""
    numbers = [int(number) for number in match.groups()[1:] if number] if match else []
    if name in SIMPLE and not numbers:
        return ColumnType(name)
    if ARGUMENTS.get(name) != len(numbers):
        raise ValueError(f"{text!r} is no type; use one of {', '.join(SIMPLE)}, char(n), varchar(n), decimal(p,s)")
    if name == "decimal":
        if not 0 <= numbers[1] <= numbers[0] <= 38 or numbers[0] == 0:
            raise ValueError(f"{text!r}: a decimal has 1 to 38 digits, and no more behind the point than in all")
        return ColumnType(name, precision=numbers[0], scale=numbers[1])
    if not 1 <= numbers[0] <= (255 if name == "char" else 16000):
        raise ValueError(f"{text!r}: use text for what is longer")
    return ColumnType(name, length=numbers[0])
