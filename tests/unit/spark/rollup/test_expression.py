"""Expressions that Arrow computes as MySQL does, and those that are left to MySQL."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from millrace.contract.contract import load_contract
from spark.rollup.expression import Unknown, expression

SALES = load_contract("sales")
BATCH = pa.record_batch(
    {
        "quantity": pa.array([1, -7, 12], pa.int32()),
        "amount": pa.array([Decimal("49.999"), None, Decimal("-0.001")], pa.decimal128(22, 3)),
        "is_cancelled": pa.array([True, None, False]),
        "description": ["a", None, ""],
        "sold_at": pa.array([datetime(2011, 1, 1, 23, 59)] * 3, pa.timestamp("us")),
    }
)


@pytest.mark.parametrize(
    ("sql", "values"),
    [
        ("quantity", [1, -7, 12]),
        ("-Quantity", [-1, 7, -12]),
        ("`quantity` * 2", [2, -14, 24]),
        ("quantity * 10", [10, -70, 120]),
        ("FLOOR(quantity / 5) * 5", [0, -10, 10]),
        ("FLOOR(amount)", [49, None, -1]),
        ("FLOOR(amount / 50) * 50", [0, None, -50]),
        ("amount > 0.5", [True, None, False]),
        ("amount IS NOT NULL AND quantity <> 1", [False, False, True]),
        ("is_cancelled = 0", [False, None, True]),
        ("is_cancelled OR quantity = 12", [True, None, True]),
        ("is_cancelled OR quantity <= -7", [True, True, False]),
        ("NOT is_cancelled", [False, None, True]),
        ("IF(is_cancelled, amount, 0)", [Decimal("49.999"), 0, 0]),
        ("COALESCE(is_cancelled, 7)", [1, 7, 0]),
        ("COALESCE(description, '-')", ["a", "-", ""]),
        ("description <> ''", [True, None, False]),
        ("DATE(sold_at)", [date(2011, 1, 1)] * 3),
    ],
)
def test_an_expression_is_computed(sql: str, values: list[Any]) -> None:
    assert expression(sql, SALES).of(BATCH).to_pylist() == values


@pytest.mark.parametrize(
    "sql",
    [
        "quantity +",
        "RAND()",
        "quantity + 1",
        "quantity / 2",
        "quantity * amount",
        "quantity * -1",
        "FLOOR(amount / -5)",
        "quantity * '3'",
        "quantity; 1",
        "",
        r"description = 'a\b'",
        "is_cancelled XOR is_charge",
        "FLOOR(amount / 10000)",
        "FLOOR(amount / 0)",
        "FLOOR(quantity / amount)",
        "FLOOR(quantity / description)",
        "amount > 1e3",
        "description > 5",
        "description LIKE 'a%'",
        "IF(is_cancelled, amount)",
        "IF(is_cancelled, amount, 'none')",
        "HOUR(sold_at)",
        "DATE(description)",
        "sold_at > '2011-01-01'",
        "CASE WHEN quantity > 0 THEN 1 END",
        "NOT description",
        "is_cancelled IS TRUE",
    ],
)
def test_what_mysql_may_see_otherwise_is_left_to_it(sql: str) -> None:
    with pytest.raises(Unknown):
        expression(sql, SALES)


def test_a_double_is_left_to_mysql() -> None:
    with pytest.raises(Unknown, match="double"):
        expression("latitude", load_contract("weather"))
