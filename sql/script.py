"""Runs the plain SQL file of a migration, statement by statement, as the server itself divides it."""

from pathlib import Path

from alembic import op
from mysql.connector import Error

from millrace.errors import Refused


def run_sql_beside(revision_file: str) -> None:
    """Run NNNN_name.sql, which lies beside the revision NNNN_name.py."""
    path = Path(revision_file).with_suffix(".sql")
    done = 0
    connection = op.get_bind().connection.driver_connection
    if connection is None:
        raise Refused(f"{path.name} needs a connection; run it with `python -m lab migrate`.")
    try:
        for _ in connection.cmd_query_iter(path.read_text(encoding="utf-8")):
            done += 1
    except Error as error:
        raise Refused(
            f"{path.name}: statement {done + 1} failed: {error}; mend it and migrate again, what ran before is kept."
        ) from error
