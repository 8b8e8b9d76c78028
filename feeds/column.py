"""Columns of a contract: those read from the source, and those computed from another column."""

import re
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, field_validator, model_validator

from feeds.column_type import ColumnType, parse_type
from feeds.validation import Strict

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

    from_: str = Field(alias="from", description="the header's name")
    name: Name = Field(description="the table's column")
    type: TypeName
    required: bool = Field(default=False, description="an empty value is refused, and so is a file without the column")
    min: Decimal | None = Field(default=None, description="least number allowed")
    max: Decimal | None = Field(default=None, description="greatest number allowed")
    pattern: str | None = Field(default=None, description="regular expression the whole value must match")
    values: tuple[str, ...] | None = Field(default=None, description="the only values allowed, compared exactly")
    formats: tuple[str, ...] = Field(default=(), description="Spark datetime patterns, tried in this order")
    parse: Name | None = Field(default=None, description="function of spark/parse.py, run before the cast")
    true_values: tuple[str, ...] = Field(default=("yes",), alias="true", description="texts for true, in any case")
    false_values: tuple[str, ...] = Field(default=("no",), alias="false", description="texts for false, in any case")
    empty: Literal["null", "keep"] = Field(default="null", description="what an empty text becomes: NULL, or itself")
    comment: Comment

    @property
    def column_type(self) -> ColumnType:
        return parse_type(self.type)

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
        if kind.name == "boolean" and set(self.true_values) & set(self.false_values):
            raise ValueError(f"{self.name}: a text cannot stand for both true and false")
        return self


class Derived(Strict):
    """A column computed from a cleaned one by one named function of spark/derive.py."""

    name: Name
    type: TypeName
    by: Name = Field(description="the function")
    of: Name = Field(description="the column it reads")
    required: bool = Field(default=False, description="the function always gives a value")
    comment: Comment

    @property
    def column_type(self) -> ColumnType:
        return parse_type(self.type)
