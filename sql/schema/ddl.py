"""CREATE TABLE text for a contract. Migrations are written with it, and people read it."""

from sqlalchemy import Table
from sqlalchemy.dialects import mysql
from sqlalchemy.schema import CreateTable

from millrace.contract.contract import Contract
from sql.schema.feed_tables import feed_tables


def create_table(table: Table) -> str:
    """One CREATE TABLE IF NOT EXISTS statement with its indexes, ending in a semicolon."""
    text = str(CreateTable(table, if_not_exists=True).compile(dialect=mysql.dialect())).strip()
    body, _, options = text.rpartition("\n)")
    for index in sorted(table.indexes, key=lambda index: str(index.name)):
        columns = ", ".join(column.name for column in index.columns)
        body = body.rstrip() + f",\n\tKEY {index.name} ({columns})"
    lines = [line.replace("\t", "  ").rstrip() for line in f"{body}\n){options}".splitlines() if line.strip()]
    return "\n".join(lines).replace("\n)ENGINE", "\n) ENGINE") + ";\n"


def ddl(contract: Contract) -> str:
    """Every table of a contract: facts, staging of an upsert feed, rollups."""
    return "\n".join(create_table(table) for table in feed_tables(contract))
