"""Numbers as they may be written, and a contract's limits beside what a type can hold."""

from decimal import Decimal

import pyarrow as pa
import pytest

from millrace.contract.column_type import parse_type
from millrace.contract.contract import Contract
from spark.clean.number_parsing import numbers
from tests.unit.spark.records import event, reasons, rows


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("1." + "0" * 39, "decimal(5,2)", "1.00"),
        ("." + "0" * 60, "decimal(5,2)", "0.00"),
        ("-0.50" + "0" * 60, "decimal(5,2)", "-0.50"),
        ("+" + "0" * 60 + "7", "decimal(5,2)", "7.00"),
        ("7." + "0" * 39, "decimal(5,0)", "7"),
        ("0." + "1" * 38 + "0" * 5, "decimal(38,38)", "0." + "1" * 38),
        ("1." + "0" * 39 + "1", "decimal(5,2)", None),
    ],
)
def test_noughts_behind_a_decimal_do_not_count(text: str, kind: str, expected: str | None) -> None:
    expected_number = None if expected is None else Decimal(expected)
    assert numbers(pa.array([text]), parse_type(kind)).to_pylist() == [expected_number]


def refusals(kind: str, limits: dict[str, str], texts: list[str]) -> list[str | None]:
    """Why each text is refused."""
    column = {"from": "v", "name": "v", "type": kind, "comment": "x"} | limits
    what = {"feed": "toy", "title": "x", "description": "x", "family": "toy", "mode": "append"}
    toy = Contract.model_validate(what | {"columns": [column]})
    return [next((why for _, why in reasons(row)), None) for row in rows(toy, [event(toy, {"v": t}) for t in texts])]


@pytest.mark.parametrize(
    ("kind", "limits", "texts", "expected"),
    [
        ("decimal(38,30)", {"min": "0"}, ["0", "-0.1"], [None, "is below 0"]),
        ("decimal(38,38)", {"max": "1"}, ["0.9"], [None]),
        ("decimal(5,2)", {"min": "0.991"}, ["0.99", "1"], ["is below 0.991", None]),
        ("decimal(5,2)", {"max": "0.999"}, ["0.99", "1"], [None, "is above 0.999"]),
        ("double", {"max": "1e18"}, ["1e18", "2e18"], [None, "is above 1E+18"]),
        ("double", {"min": "-1e30", "max": "1e400"}, ["-1e30", "-1e31", "1e308"], [None, "is below -1E+30", None]),
        ("double", {"min": "0.1"}, ["0.1", "0.09"], [None, "is below 0.1"]),
        ("smallint", {"min": "0.5", "max": "1e30"}, ["0", "1", "32767"], ["is below 0.5", None, None]),
        ("bigint", {"max": "9223372036854775808"}, ["9223372036854775807"], [None]),
        ("bigint", {"min": "9223372036854775808"}, ["9223372036854775807"], ["is below 9223372036854775808"]),
    ],
)
def test_any_limit_can_be_asked_for(
    kind: str, limits: dict[str, str], texts: list[str], expected: list[str | None]
) -> None:
    assert refusals(kind, limits, texts) == expected
