"""Runs a plain SQL file, statement by statement, as the server itself divides it."""

from pathlib import Path
from typing import Any

from alembic import op
from mysql.connector import Error

from millrace.errors import Refused


def run_sql_beside(revision_file: str) -> None:
    """Run NNNN_name.sql, which lies beside the revision NNNN_name.py."""
    run_sql(op.get_bind().connection.driver_connection, Path(revision_file).with_suffix(".sql"))


def run_sql(connection: Any, path: Path) -> None:
    """Run the file over mysql.connector's own connection; the sentence of a refusal says which statement failed."""
    done = 0
    try:
        for _ in connection.cmd_query_iter(path.read_text(encoding="utf-8")):
            done += 1
    except Error as error:
        raise Refused(
            f"{path.name}: statement {done + 1} failed: {error}; mend it and migrate again, what ran before is kept."
        ) from error
