"""`make sql`: the read-only account's queries, tab-separated; without one, those on standard input."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import closing
from typing import Annotated

import typer
from mysql.connector import Error as MySQLError
from mysql.connector.connection import MySQLConnection

from lab.observe.access import check_mysql, refusal, settings
from lab.screen.output import is_terminal, visible
from lab.sentences import general as sentences
from millrace.errors import Refused
from sql.connection import READ_SECONDS, reading_connection

NULL = "NULL"
MOST_SECONDS = READ_SECONDS - 10
"""MySQL itself ends what takes longer, before the connection is given up."""
ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": "\\0"})


def sql(
    query: Annotated[
        str | None, typer.Argument(help="one SELECT (or SHOW, EXPLAIN …); without it those on standard input")
    ] = None,
) -> None:
    """Runs a query as the read-only user: tab-separated under a header, NULL for nothing. Ends at a refused one."""
    given = (query or "").strip()
    if not given and sys.stdin.isatty():
        raise Refused(sentences.QUERY_MISSING)
    of = settings()
    check_mysql(of)
    try:
        with closing(reading_connection(of)) as connection:
            print_rows(connection, f"SET SESSION max_execution_time = {MOST_SECONDS * 1000}")
            for statement in [given] if given else statements(sys.stdin):
                print_rows(connection, statement)
    except MySQLError as failed:
        raise refusal(of, failed) from failed


def print_rows(connection: MySQLConnection, query: str) -> None:
    """Writes the results of what stands there, each as a whole once it is here; what has none prints nothing."""
    with closing(connection.cursor(buffered=True)) as cursor:
        cursor.execute(query.strip().rstrip(";"))
        for _, rows in cursor.fetchsets():
            if cursor.with_rows:
                sys.stdout.write("\t".join(cursor.column_names) + "\n")
            for row in rows:
                sys.stdout.write("\t".join(map(field, row)) + "\n")
    sys.stdout.flush()


def field(value: object) -> str:
    """A value on one line of tab-separated text, as the mysql client's batch mode writes it."""
    if value is None:
        return NULL
    shown = value.decode("utf-8", "backslashreplace") if isinstance(value, bytes | bytearray) else str(value)
    escaped = shown.translate(ESCAPES)
    return visible(escaped) if is_terminal() else escaped


def statements(lines: Iterable[str]) -> Iterator[str]:
    """Statements that end with ; at the end of a line; the last may end with the input."""
    pending = ""
    for line in lines:
        pending += line
        if pending.rstrip().endswith(";"):
            yield pending
            pending = ""
    if pending.strip():
        yield pending
