"""Columns of a contract: those read from the source, and those computed from another column."""

import re
from dataclasses import replace
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, field_validator, model_validator

from millrace.contract.column_type import ColumnType, parse_type
from millrace.contract.date_forms import second_decimals
from millrace.strict_model import Strict

PUBLISHED, MESSAGE = "@published", "@message"
GIVEN = (PUBLISHED, MESSAGE)
"""What is no header of a source: the day its publisher issued it (yyyy-MM-dd), and the whole record as JSON."""
NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")


def _a_name(name: str) -> str:
    if not NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name; use small letters, digits and _, a letter first, at most 63")
    return name


def _a_type(text: str) -> str:
    parse_type(text)
    return text


Name = Annotated[str, AfterValidator(_a_name)]
TypeName = Annotated[str, AfterValidator(_a_type)]
Comment = Annotated[str, Field(min_length=1, max_length=1024)]


class Column(Strict):
    """One column of the source, in the table's order. A value that breaks a rule sends its record to quarantine."""

    from_: str = Field(alias="from", description="the header's name; or one of the GIVEN names")
    also: tuple[str, ...] = Field(
        default=(), description="other names of the header; the first that is not empty counts"
    )
    name: Name = Field(description="the table's column")
    was: Name | None = Field(default=None, description="the column's name before it was renamed")
    type: TypeName
    required: bool = Field(default=False, description="an empty value is refused, and so is a file without the column")
    min: Decimal | None = Field(default=None, description="least number allowed")
    max: Decimal | None = Field(default=None, description="greatest number allowed")
    pattern: str | None = Field(default=None, description="regular expression the whole value must match")
    values: tuple[str, ...] | None = Field(default=None, description="the only values allowed, compared exactly")
    formats: tuple[str, ...] = Field(default=(), description="Spark datetime patterns, tried in this order")
    day: Literal["first", "last"] = Field(default="first", description="of the month, for forms without a day")
    parse: Name | None = Field(default=None, description="of spark/clean/parse_functions.py, run before the cast")
    true_values: tuple[str, ...] = Field(default=("yes",), alias="true", description="texts for true, in any case")
    false_values: tuple[str, ...] = Field(default=("no",), alias="false", description="texts for false, in any case")
    missing: tuple[str, ...] = Field(
        default=(), description="texts that stand for no value, such as NC; compared exactly"
    )
    empty: Literal["null", "keep"] = Field(default="null", description="what an empty text becomes: NULL, or itself")
    comment: Comment

    @property
    def column_type(self) -> ColumnType:
        kind = parse_type(self.type)
        decimals = second_decimals(self.formats) if kind.name == "datetime" else 0
        return replace(kind, second_decimals=decimals) if decimals else kind

    @property
    def headers(self) -> tuple[str, ...]:
        """Every name the column may have in a source."""
        return (self.from_, *self.also)

    @model_validator(mode="before")
    @classmethod
    def _one_name_or_several(cls, content: Any) -> Any:
        """`from: [a, b]` is `from: a, also: [b]`."""
        names = content.get("from") if isinstance(content, dict) else None
        if not isinstance(names, list) or not names:
            return content
        return {**content, "from": names[0], "also": [*names[1:], *content.get("also", ())]}

    @field_validator("from_")
    @classmethod
    def _is_no_unknown_given(cls, name: str) -> str:
        if name.startswith("@") and name not in GIVEN:
            raise ValueError(f"{name!r} is given by nobody; known are {', '.join(GIVEN)}")
        return name

    @field_validator("true_values", "false_values")
    @classmethod
    def _in_small_letters(cls, texts: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(text.lower() for text in texts)

    @field_validator("pattern")
    @classmethod
    def _compiles(cls, pattern: str | None) -> str | None:
        try:
            re.compile(pattern or "")
        except re.error as error:
            raise ValueError(f"{pattern!r} is no regular expression: {error}") from None
        return pattern

    @model_validator(mode="after")
    def _rules_fit_the_type(self) -> "Column":
        kind = self.column_type
        if (self.min is not None or self.max is not None) and not kind.is_number:
            raise ValueError(f"{self.name}: min and max are for numbers, not for {self.type}")
        if bool(self.formats) != (kind.name in ("date", "datetime")):
            raise ValueError(f"{self.name}: formats are needed for date and datetime, and only there")
        if (self.pattern or self.values) and not kind.is_text:
            raise ValueError(f"{self.name}: pattern and values are for text, not for {self.type}")
        if self.empty == "keep" and not kind.is_text:
            raise ValueError(f"{self.name}: only a text can keep its empty value")
        if self.empty == "keep" and self.required:
            raise ValueError(f"{self.name}: a required value cannot be empty, so there is none to keep")
        if kind.name == "boolean" and {*map(str.casefold, self.true_values)} & {*map(str.casefold, self.false_values)}:
            raise ValueError(f"{self.name}: a text cannot stand for both true and false")
        return self


class Derived(Strict):
    """A column computed from cleaned ones by one named function of spark/clean/derive_functions.py."""

    name: Name
    was: Name | None = Field(default=None, description="the column's name before it was renamed")
    type: TypeName
    by: Name = Field(description="the function")
    of: tuple[Name, ...] = Field(min_length=1, description="the column it reads, or several in the function's order")
    required: bool = Field(default=False, description="a record without a value is refused")
    reason: str = Field(default="cannot be computed", description="why, behind the column's name, when it is refused")
    comment: Comment

    @field_validator("of", mode="before")
    @classmethod
    def _one_or_several(cls, names: object) -> object:
        return (names,) if isinstance(names, str) else names

    @property
    def column_type(self) -> ColumnType:
        return parse_type(self.type)
