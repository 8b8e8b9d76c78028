"""The one ALTER TABLE per table that makes it what its contract asks for. MySQL does it whole or not at all."""

from typing import Any

from sqlalchemy import Column, Dialect, String

from sql.evolve.compare import TableChange


def alter(change: TableChange, dialect: Dialect) -> str:
    """ALTER TABLE with every difference; columns keep their order, and new ones stand where the contract has them."""
    table, quote = change.table, dialect.identifier_preparer.quote
    former = {new: old for old, new in change.renamed.items()}
    clauses = []
    for number, column in enumerate(table.columns):
        if column.name in former:
            clauses.append(f"CHANGE COLUMN {quote(former[column.name])} {_specification(column, dialect)}")
        elif column.name in [added.name for added in change.added]:
            before = list(table.columns)[number - 1].name if number else ""
            position = f"AFTER {quote(before)}" if before else "FIRST"
            clauses.append(f"ADD COLUMN {_specification(column, dialect)} {position}")
        elif column.name in change.modified:
            clauses.append(f"MODIFY COLUMN {_specification(column, dialect)}")
    for index in change.indexes:
        names = ", ".join(quote(column.name) for column in index.columns)
        clauses.append(f"ADD INDEX {quote(str(index.name))} ({names})")
    if change.is_described_anew:
        clauses.append(f"COMMENT = {_literal(str(table.comment), dialect)}")
    return f"ALTER TABLE {quote(table.name)} " + ", ".join(clauses)


def _specification(column: Column[Any], dialect: Dialect) -> str:
    """The column as CREATE TABLE writes it: name, type, whether it may be NULL, comment."""
    return dialect.ddl_compiler(dialect, None).get_column_specification(column)  # type: ignore[arg-type]


def _literal(text: str, dialect: Dialect) -> str:
    return dialect.statement_compiler(dialect, None).render_literal_value(text, String())
