"""A number type only where the number, written again, is the text; one decimal sign for the whole file."""

import pytest

from lab.new_feed.infer.number_types import Sign, decimal_sign, number_of


@pytest.mark.parametrize(
    ("values", "sign", "expected"),
    [
        (["1", "-2", "30"], "", ("int", None)),
        (["1", "+2"], "", None),
        (["1", "-0"], "", None),
        (["007", "8"], "", None),
        (["00.5"], "", None),
        (["1" * 19], "", None),
        (["11E11"], "", None),
        (["5E3"], "", None),
        (["1E+05", "2e-05", "0.5"], "", ("double", None)),
        (["1.5e3"], "", ("double", None)),
        (["1.5e999"], "", None),
        (["1.5e-999"], "", None),
        (["1.12345678901234567890e5"], "", None),
        (["0." + "1" * 30], "", None),
        (["0.12345678901"], "", ("double", None)),
        (["NaN", "1.5"], "", None),
        (["inf"], "", None),
        (["1.234", "56.789"], "", None),
        (["1.234", "56.789"], ",", ("int", "point_grouped")),
        (["1.234", "56.789"], ".", ("decimal(12,5)", None)),
        (["1,234", "56,789"], "", None),
        (["1,234", "56,789"], ",", ("decimal(12,5)", "decimal_comma")),
        (["1,234", "56,789"], ".", ("int", "grouped_number")),
        (["0.123", "1.234"], "", ("decimal(12,5)", None)),
        (["1.234.567,5", "3"], "", ("decimal(13,3)", "point_grouped")),
        (["1,234,567.5", "3"], "", ("decimal(13,3)", "grouped_number")),
        (["1.234,5", "1,234.5"], "", None),
    ],
)
def test_the_type_of_values(values: list[str], sign: Sign, expected: tuple[str, str | None] | None) -> None:
    found = number_of(values, sign)
    assert (found and (found.type, found.parse)) == expected


@pytest.mark.parametrize(
    ("columns", "sign"),
    [
        ([["1.234"], ["1,00"]], ","),
        ([["1,234"], ["1.5"]], "."),
        ([["1,234"], ["1,234"]], ""),
        ([["1.5"], ["1,5"], ["1.234"]], ""),
        ([["1", "2"], ["Rome"], []], ""),
    ],
)
def test_the_decimal_sign_is_the_files(columns: list[list[str]], sign: Sign) -> None:
    assert decimal_sign(columns) == sign
