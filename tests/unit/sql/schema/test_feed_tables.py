"""What a contract becomes in MySQL: tables, and the SQL of rollups."""

from typing import Any

import pytest
from sqlalchemy import ClauseElement
from sqlalchemy.dialects import mysql

from millrace.contract.column import Column
from millrace.contract.column_type import parse_type
from millrace.contract.contract import Contract
from millrace.errors import Refused
from sql.ledger.rollup import add_statement, grouped
from sql.schema.feed_tables import count_measure, fact_table, load_target_columns
from sql.schema.mysql_types import mysql_type

SHOP: dict[str, Any] = {
    "feed": "shop",
    "title": "Shop",
    "description": "What a shop's owner sold",
    "family": "sales",
    "mode": "append",
    "columns": [
        {"from": "City", "name": "city", "type": "varchar(20)", "comment": "The shop's city"},
        {"from": "Price", "name": "price", "type": "decimal(8,2)", "required": True, "comment": "Euro"},
    ],
    "rollups": [
        {
            "name": "shop_by_city",
            "comment": "Sales per city and ten euro",
            "by": ["city", {"name": "tens", "type": "int", "sql": "FLOOR(price / 10)", "comment": "Tens of euro"}],
            "where": "city <> '10:30 %'",
            "measures": [
                {"name": "sales", "type": "bigint", "sum": "1", "comment": "Sales"},
                {"name": "total", "type": "decimal(20,2)", "sum": "price", "comment": "Euro"},
            ],
        }
    ],
}


def shop(**changes: object) -> Contract:
    return Contract.model_validate(SHOP | changes)


def sql(statement: ClauseElement) -> str:
    """The statement as MySQL gets it, on one line."""
    return " ".join(str(statement.compile(dialect=mysql.dialect(paramstyle="named"))).split())


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("smallint", "SMALLINT"),
        ("int", "INTEGER"),
        ("bigint", "BIGINT"),
        ("decimal(10,2)", "DECIMAL(10, 2)"),
        ("double", "DOUBLE"),
        ("char(2)", "CHAR(2)"),
        ("varchar(40)", "VARCHAR(40)"),
        ("text", "MEDIUMTEXT"),
        ("date", "DATE"),
        ("datetime", "DATETIME"),
        ("boolean", "TINYINT(1)"),
        ("json", "JSON"),
    ],
)
def test_every_type_of_a_contract_has_its_mysql_type(kind: str, expected: str) -> None:
    assert mysql_type(parse_type(kind)).compile(dialect=mysql.dialect()) == expected


@pytest.mark.parametrize(
    ("forms", "expected"),
    [
        (["yyyy-MM-dd HH:mm:ss"], "DATETIME"),
        (["yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss.SSS"], "DATETIME(3)"),
        (["yyyy-MM-dd HH:mm:ss.SSSSSS", "yyyy-MM-dd'T'HH:mm:ss.SSS"], "DATETIME(6)"),
    ],
)
def test_a_datetime_keeps_the_parts_of_a_second_that_its_forms_have(forms: list[str], expected: str) -> None:
    """MySQL rounds what it has no room for, the last moment of a day to the next one, without a word."""
    content = {"from": "At", "name": "at", "type": "datetime", "formats": forms, "comment": "When"}
    column = Column.model_validate(content)
    assert mysql_type(column.column_type).compile(dialect=mysql.dialect()) == expected
    day = Column.model_validate(content | {"type": "date"})
    assert mysql_type(day.column_type).compile(dialect=mysql.dialect()) == "DATE"


def test_upsert_feeds_load_into_staging_in_the_order_of_the_topic() -> None:
    city = dict(SHOP["columns"][0]) | {"required": True}
    contract = shop(mode="upsert", key=["city"], newest_by="price", columns=[city, SHOP["columns"][1]])
    assert load_target_columns(contract) == (
        *("load_id", "kafka_partition", "kafka_offset", "source_id", "row_no"),
        *("city", "price", "extra", "sent_at"),
    )
    assert [column.name for column in fact_table(contract).primary_key] == ["city"]


def test_a_rollup_is_added_to_what_its_keys_have() -> None:
    contract = shop()
    (rollup,) = contract.rollups
    assert sql(add_statement(contract, rollup, grouped(contract, rollup, fact_table(contract)))) == (
        "INSERT INTO shop_by_city (city, tens, sales, total)"
        " SELECT news.city, news.tens, news.sales, news.total FROM ("
        "SELECT coalesce(city, '') AS city, FLOOR(price / 10) AS tens,"
        " COALESCE(SUM(1), 0) AS sales, COALESCE(SUM(price), 0) AS total"
        " FROM shop WHERE (city <> '10:30 %') GROUP BY coalesce(city, ''), FLOOR(price / 10)) AS news"
        " ON DUPLICATE KEY UPDATE sales = shop_by_city.sales + news.sales, total = shop_by_city.total + news.total"
    )


def test_a_rollup_without_a_count_of_rows_is_refused() -> None:
    (rollup,) = shop().rollups
    with pytest.raises(Refused, match='Rollup shop_by_city counts no rows; give it a measure with sum: "1"'):
        count_measure(rollup.model_copy(update={"measures": rollup.measures[1:]}))
