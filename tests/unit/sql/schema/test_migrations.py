"""Migrations are plain SQL files in one line of numbers, and they say what the contracts say today."""

import re
from pathlib import Path

import pytest

from millrace.contract.contract import all_contracts
from sql.migrate import revisions
from sql.schema.ddl import create_table, ddl
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


def test_the_ledger_stands_in_the_migrations() -> None:
    assert all(create_table(table) in ALL_SQL for table in (*LEDGER_TABLES, *REQUEST_TABLES))


@pytest.mark.parametrize("feed", all_contracts())
def test_every_feed_stands_in_the_migrations(feed: str) -> None:
    assert all(table in ALL_SQL for table in ddl(all_contracts()[feed]).split("\n\n"))
    assert f"VIEW v_{feed} AS" in ALL_SQL
