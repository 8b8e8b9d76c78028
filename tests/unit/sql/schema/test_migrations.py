"""Migrations are plain SQL files in one line of numbers; what no contract makes stands in them."""

import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table
from sqlalchemy.dialects import mysql
from sqlalchemy.schema import CreateTable

from millrace.contract.contract import all_contracts
from sql.migrate import revisions
from sql.schema.batch_tables import BATCH_TABLES
from sql.schema.contract_table import contract
from sql.schema.dimension_tables import DIMENSION_TABLES
from sql.schema.event_table import event
from sql.schema.feed_tables import feed_tables
from sql.schema.ledger_tables import LEDGER_TABLES
from sql.schema.request_tables import REQUEST_TABLES

MIGRATIONS = Path(__file__).parents[4] / "sql" / "migrations"
FILES = sorted(MIGRATIONS.glob("*.sql"))
VERBS = ("ALTER", "CREATE", "DELETE", "DROP", "INSERT", "RENAME", "REPLACE", "TRUNCATE", "UPDATE")
REPEATABLE = (
    "CREATE TABLE IF NOT EXISTS ",
    "CREATE OR REPLACE SQL SECURITY INVOKER VIEW ",
    "INSERT IGNORE INTO ",
    "REPLACE INTO ",
    "DELETE FROM ",
    "ALTER TABLE pipeline_feed MODIFY COLUMN ",
    "ALTER TABLE pipeline_load MODIFY COLUMN ",
    "ALTER TABLE pipeline_replaced MODIFY COLUMN ",
    "ALTER TABLE quarantine DROP PRIMARY KEY, ADD PRIMARY KEY ",
    "UPDATE pipeline_replaced SET version = ",
    "INSERT INTO pipeline_event (at, kind, feed, severity, message)",  # of what is not there yet
)
ALL_SQL = "\n".join(file.read_text(encoding="utf-8") for file in FILES)


def test_revisions_are_the_numbers_of_the_files() -> None:
    assert revisions() == [file.name[:4] for file in FILES]
    assert [file.stem for file in FILES] == sorted(file.stem for file in MIGRATIONS.glob("*.py"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_migration_that_failed_half_way_may_run_again(file: Path) -> None:
    statements = re.findall(rf"^(?:{'|'.join(VERBS)}) .*", file.read_text(encoding="utf-8"), re.MULTILINE)
    assert statements
    assert [one for one in statements if not one.startswith(REPEATABLE)] == []


OURS = (*LEDGER_TABLES, *REQUEST_TABLES, *BATCH_TABLES, *DIMENSION_TABLES, contract, event)


@pytest.mark.parametrize("table", OURS, ids=str)
def test_tables_that_no_contract_makes_stand_in_the_migrations(table: Table) -> None:
    made: Any = CreateTable(table).compile(dialect=mysql.dialect())
    assert f"CREATE TABLE IF NOT EXISTS {table.name} (" in ALL_SQL
    assert [c.name for c in table.columns if made.get_column_specification(c) not in ALL_SQL] == []


def test_no_feed_stands_in_the_migrations() -> None:
    tables = [table.name for contract in all_contracts().values() for table in feed_tables(contract)]
    assert [name for name in tables if re.search(rf"(TABLE IF NOT EXISTS|VIEW v_?){name} ", ALL_SQL)] == []
