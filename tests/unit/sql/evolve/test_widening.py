"""Which types hold every value of another."""

import pytest

from millrace.contract.column_type import parse_type
from sql.evolve.widening import is_wider
from sql.schema.mysql_types import mysql_type

WIDER = [
    ("smallint", "int"),
    ("int", "bigint"),
    ("int", "decimal(12,2)"),
    ("int", "double"),
    ("boolean", "smallint"),
    ("decimal(10,2)", "decimal(12,4)"),
    ("char(2)", "char(3)"),
    ("char(2)", "varchar(2)"),
    ("varchar(20)", "varchar(40)"),
    ("varchar(20)", "text"),
    ("date", "datetime"),
]
OTHERWISE = [
    ("int", "boolean"),
    ("int", "decimal(11,2)"),
    ("bigint", "double"),
    ("decimal(10,2)", "decimal(11,4)"),
    ("decimal(10,2)", "double"),
    ("decimal(10,0)", "bigint"),
    ("double", "decimal(38,10)"),
    ("varchar(2)", "char(2)"),
    ("varchar(20)", "int"),
    ("int", "varchar(20)"),
    ("json", "text"),
    ("text", "json"),
]


@pytest.mark.parametrize(("old", "new"), WIDER)
def test_a_wider_type_holds_every_value(old: str, new: str) -> None:
    assert is_wider(mysql_type(parse_type(old)), mysql_type(parse_type(new)))
    assert not is_wider(mysql_type(parse_type(new)), mysql_type(parse_type(old)))


@pytest.mark.parametrize(("old", "new"), OTHERWISE)
def test_another_type_may_not(old: str, new: str) -> None:
    assert not is_wider(mysql_type(parse_type(old)), mysql_type(parse_type(new)))
