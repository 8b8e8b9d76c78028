"""Additive aggregates of a feed, kept up to date in the transaction that commits its rows."""

import re

from pydantic import Field, model_validator

from millrace.contract.column import Comment, Name, TypeName
from millrace.contract.column_type import ColumnType, parse_type
from millrace.strict_model import Strict

SQL_WORDS = frozenset(
    ["and", "or", "not", "is", "null", "in", "between", "like", "case", "when", "then", "else", "end", "true", "false"]
)
SQL_TEXT = re.compile(r"'(?:[^']|'')*'")
SQL_NAME = re.compile(r"\b([a-z_][a-z0-9_]*)\b(?!\s*\()", re.IGNORECASE)


def columns_in(sql: str) -> set[str]:
    """The column names an SQL expression reads: every word that is no text, no SQL word and no function."""
    words = {match[1].lower() for match in SQL_NAME.finditer(SQL_TEXT.sub("''", sql))}
    return words - SQL_WORDS


class RollupKey(Strict):
    """A part of the key that is computed: an SQL expression over the fact's columns, never NULL."""

    name: Name
    type: TypeName
    sql: str
    comment: Comment

    @property
    def column_type(self) -> ColumnType:
        return parse_type(self.type)


class Measure(Strict):
    """A sum over the rows of a key. The expression is SQL over the fact's columns; a NULL sum counts as 0."""

    name: Name
    type: TypeName
    sum: str
    comment: Comment

    @property
    def column_type(self) -> ColumnType:
        return parse_type(self.type)


class Rollup(Strict):
    """One rollup table: `by` is its primary key, `measures` its sums."""

    name: Name
    by: tuple[Name | RollupKey, ...] = Field(min_length=1, description="fact columns, or computed keys")
    where: str | None = Field(default=None, description="SQL over the fact's columns: the rows that count")
    measures: tuple[Measure, ...] = Field(min_length=1)
    comment: Comment

    @property
    def reads(self) -> set[str]:
        """Every fact column the rollup reads."""
        expressions = [self.where or "", *(m.sum for m in self.measures)]
        expressions += [key if isinstance(key, str) else key.sql for key in self.by]
        return set().union(*(columns_in(expression) for expression in expressions))

    @property
    def key_names(self) -> tuple[str, ...]:
        return tuple(key if isinstance(key, str) else key.name for key in self.by)

    @model_validator(mode="after")
    def _names_differ(self) -> "Rollup":
        names = [*self.key_names, *(measure.name for measure in self.measures)]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"{self.name}: {', '.join(twice)} stands twice among its keys and measures")
        return self
