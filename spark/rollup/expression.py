"""A contract's SQL expressions over Arrow columns, where Arrow's result is MySQL's; whatever else is MySQL's alone."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc
from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from millrace.contract.column_type import ColumnType
from millrace.contract.contract import Contract

Kind = Literal["number", "truth", "text", "date", "datetime"]
KINDS: dict[str, Kind] = {"boolean": "truth", "date": "date", "datetime": "datetime"}
MOST_DIGITS = 30
"""Of a decimal: sums of so long ones still fit into the 38 digits that Arrow's have."""
NUMBER = re.compile(r"\d{1,20}(\.\d{1,10})?")
LARGEST_DIVISOR = 9_999
"""MySQL's quotient has four digits more than what it divides: up to here it is never rounded up to a whole number."""


class Unknown(Exception):  # noqa: N818 - it says what the expression is
    """Arrow has nothing of which it is certain that it is what MySQL makes of the expression."""


@dataclass(frozen=True)
class Expression:
    """What is computed per row; `scale` are the digits behind the point of a number, which is a whole one at 0."""

    kind: Kind
    of: Callable[[pa.RecordBatch], Any]
    scale: int = 0

    def numbers(self, scale: int) -> Callable[[pa.RecordBatch], Any]:
        """Its values as decimals of 38 digits, truth as 0 and 1. Raises Unknown."""
        if self.kind not in {"number", "truth"}:
            raise Unknown(f"{self.kind} is no number")
        return lambda columns: _cast(_cast(self.of(columns), pa.int8(), pa.bool_()), pa.decimal128(38, scale))

    def truths(self) -> Callable[[pa.RecordBatch], Any]:
        """Whether it is true: a number is where it is not 0. Raises Unknown."""
        if self.kind == "truth":
            return self.of
        numbers = self.numbers(self.scale)
        return lambda columns: pc.not_equal(numbers(columns), _zero(self.scale))


def expression(sql: str, contract: Contract) -> Expression:
    """The expression over the contract's columns. Raises Unknown."""
    if "\\" in sql:
        raise Unknown("a backslash says what MySQL's own mode makes of it")
    try:
        return _made(parse_one(sql, read="mysql"), contract)
    except SqlglotError as error:
        raise Unknown(str(error)) from error


def column(name: str, contract: Contract) -> Expression:
    """The column's own values, as MySQL gives them back. Raises Unknown."""
    found = contract.column(name)
    kind = found.column_type
    if kind.is_text:
        return Expression("text", _without_end_spaces(name) if kind.name == "char" else lambda columns: columns[name])
    if kind.name in {"double", "json"} or (kind.precision or 0) > MOST_DIGITS:
        raise Unknown(f"sums of {kind.name} are MySQL's own")
    return Expression(kind_of(kind), lambda columns: columns[name], kind.scale or 0)


def kind_of(kind: ColumnType) -> Kind:
    """What the values of a type are."""
    return "text" if kind.is_text else KINDS.get(kind.name, "number")


def _made(node: exp.Expr, contract: Contract) -> Expression:
    make = MAKERS.get(type(node))
    if make is None:
        raise Unknown(node.sql("mysql"))
    return make(node, contract)


def _column(node: Any, contract: Contract) -> Expression:
    return column(node.name.lower(), contract)  # as MySQL takes names, and Rollup.reads


def _literal(node: Any, _contract: Contract) -> Expression:
    if node.is_string:
        return Expression("text", lambda _: pa.scalar(node.this, pa.string()))
    if not NUMBER.fullmatch(node.this):  # 1e3 is a double
        raise Unknown(node.this)
    value, scale = Decimal(node.this), len(node.this.partition(".")[2])
    return Expression("number", lambda _: pa.scalar(value, pa.decimal128(38, scale)), scale)


def _negative(node: Any, contract: Contract) -> Expression:
    one = _made(node.this, contract)
    numbers = one.numbers(one.scale)
    return Expression("number", lambda columns: pc.negate(numbers(columns)), one.scale)


def _is_null(node: Any, contract: Contract) -> Expression:
    one = _made(node.this, contract)
    if not isinstance(node.expression, exp.Null):
        raise Unknown(node.sql("mysql"))
    return Expression("truth", lambda columns: pc.is_null(one.of(columns)))


def _not(node: Any, contract: Contract) -> Expression:
    truths = _made(node.this, contract).truths()
    return Expression("truth", lambda columns: pc.invert(truths(columns)))


def _paren(node: Any, contract: Contract) -> Expression:
    return _made(node.this, contract)


def _joined(compute: Callable[[Any, Any], Any]) -> Callable[[Any, Contract], Expression]:
    def make(node: Any, contract: Contract) -> Expression:
        one, other = (_made(each, contract).truths() for each in (node.this, node.expression))
        return Expression("truth", lambda columns: compute(one(columns), other(columns)))

    return make


def _compared(compute: Callable[[Any, Any], Any]) -> Callable[[Any, Contract], Expression]:
    def make(node: Any, contract: Contract) -> Expression:
        _kind, _scale, (one, other) = _alike(_made(each, contract) for each in (node.this, node.expression))
        return Expression("truth", lambda columns: compute(one(columns), other(columns)))

    return make


def _coalesce(node: Any, contract: Contract) -> Expression:
    kind, scale, values = _alike(_made(each, contract) for each in (node.this, *node.expressions))
    return Expression(kind, lambda columns: reduce(pc.coalesce, (each(columns) for each in values)), scale)


def _if(node: Any, contract: Contract) -> Expression:
    if node.args.get("false") is None:
        raise Unknown(node.sql("mysql"))
    truths = _made(node.this, contract).truths()
    kind, scale, (one, other) = _alike(_made(node.args[each], contract) for each in ("true", "false"))

    def of(columns: pa.RecordBatch) -> Any:
        return pc.if_else(pc.fill_null(truths(columns), False), one(columns), other(columns))

    return Expression(kind, of, scale)


def _floor(node: Any, contract: Contract) -> Expression:
    """Of a number, or of one that is divided by a whole number."""
    divided = node.this
    if not isinstance(divided, exp.Div):
        one = _made(divided, contract)
        numbers = one.numbers(one.scale)
        return Expression("number", lambda columns: pc.floor(numbers(columns)))
    one, divisor = _made(divided.this, contract), divided.expression
    by = _whole_number(divisor)
    if one.kind != "number" or not 0 < by <= LARGEST_DIVISOR:
        raise Unknown(node.sql("mysql"))
    return Expression("number", lambda columns: pc.floor(pc.divide(_narrow(one.of(columns), one.scale), pa.scalar(by))))


def _times(node: Any, contract: Contract) -> Expression:
    """A number, or its FLOOR, times a whole number."""
    one, by = _made(node.this, contract), pa.scalar(_whole_number(node.expression))
    if one.kind != "number":
        raise Unknown(node.sql("mysql"))
    return Expression("number", lambda columns: pc.multiply(_narrow(one.of(columns), one.scale), by), one.scale)


def _date(node: Any, contract: Contract) -> Expression:
    one = _made(node.this, contract)
    if one.kind not in {"date", "datetime"}:
        raise Unknown(node.sql("mysql"))
    return Expression("date", lambda columns: _cast(pc.floor_temporal(one.of(columns), unit="day"), pa.date32()))


MAKERS: dict[type[exp.Expr], Callable[[Any, Contract], Expression]] = {
    exp.Column: _column,
    exp.Literal: _literal,
    exp.Neg: _negative,
    exp.Paren: _paren,
    exp.Is: _is_null,
    exp.Not: _not,
    exp.And: _joined(pc.and_kleene),
    exp.Or: _joined(pc.or_kleene),
    exp.EQ: _compared(pc.equal),
    exp.NEQ: _compared(pc.not_equal),
    exp.LT: _compared(pc.less),
    exp.LTE: _compared(pc.less_equal),
    exp.GT: _compared(pc.greater),
    exp.GTE: _compared(pc.greater_equal),
    exp.Coalesce: _coalesce,
    exp.If: _if,
    exp.Floor: _floor,
    exp.Mul: _times,
    exp.TsOrDsToDate: _date,
}


def _alike(expressions: Any) -> tuple[Kind, int, list[Callable[[pa.RecordBatch], Any]]]:
    """Their common kind and scale, and their values in it. Raises Unknown."""
    found = list(expressions)
    kinds = {each.kind for each in found}
    if kinds <= {"number", "truth"}:
        scale = max(each.scale for each in found)
        return "number", scale, [each.numbers(scale) for each in found]
    if len(kinds) > 1:
        raise Unknown(f"{' and '.join(sorted(kinds))} are compared")
    return found[0].kind, 0, [each.of for each in found]


def _cast(values: Any, kind: pa.DataType, only: pa.DataType | None = None) -> Any:
    """The values in that type, if they are of the one named, or of any."""
    return values.cast(kind) if only is None or values.type == only else values


def _narrow(numbers: Any, scale: int) -> Any:
    """Decimals of as many digits as leave room for a product or quotient."""
    return numbers.cast(pa.decimal128(MOST_DIGITS - 2, scale))


def _whole_number(node: Any) -> Decimal:
    """Of a literal. Raises Unknown."""
    if not (isinstance(node, exp.Literal) and node.is_int):
        raise Unknown(node.sql("mysql"))
    return Decimal(node.this)


def _zero(scale: int) -> pa.Scalar:
    return pa.scalar(Decimal(0), pa.decimal128(38, scale))


def _without_end_spaces(name: str) -> Callable[[pa.RecordBatch], Any]:
    """CHAR comes back without the spaces at its end."""
    return lambda columns: pc.utf8_rtrim(columns[name], characters=" ")
