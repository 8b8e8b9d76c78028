"""`make sql`: the read-only account's queries, tab-separated; without a query a small client."""

import sys
from collections.abc import Iterable, Iterator
from typing import Annotated, TextIO

import typer
from sqlalchemy import Connection

from lab.observe.access import settings, warehouse
from lab.screen.output import complain, say
from lab.words import general as words
from millrace.errors import Refused

NULL = "NULL"
ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": "\\0"})
PROMPT, CONTINUED = "millrace> ", "       -> "
LEAVE = {"exit", "quit", r"\q"}


def sql(
    query: Annotated[
        str | None, typer.Argument(help="one SELECT (or SHOW, EXPLAIN …); without it a client opens")
    ] = None,
) -> None:
    """Runs a query as the read-only user: tab-separated under a header line, NULL for nothing."""
    reader = settings()
    if query and query.strip():
        with warehouse(reader) as connection:
            print_rows(connection, query)
        return
    if sys.stdin.isatty():
        enable_history()
        say(words.SQL_WELCOME.format(address=f"{reader.mysql_host}:{reader.mysql_port}"))
    for statement in statements(typed_lines(sys.stdin)):
        try:
            with warehouse(reader) as connection:
                print_rows(connection, statement)
        except Refused as refused:
            complain(str(refused))
            if not sys.stdin.isatty():
                raise typer.Exit(1) from refused


def print_rows(connection: Connection, query: str) -> None:
    """Writes the result; a statement without one prints nothing."""
    result = connection.exec_driver_sql(query.strip().rstrip(";"))
    if not result.returns_rows:
        return
    sys.stdout.write("\t".join(result.keys()) + "\n")
    for row in result:
        sys.stdout.write("\t".join(field(value) for value in row) + "\n")
    sys.stdout.flush()


def field(value: object) -> str:
    """A value on one line of tab-separated text, as the mysql client's batch mode writes it."""
    if value is None:
        return NULL
    shown = value.decode("utf-8", "backslashreplace") if isinstance(value, bytes | bytearray) else str(value)
    return shown.translate(ESCAPES)


def typed_lines(source: TextIO) -> Iterator[str]:
    """Lines as they are typed, with a prompt at a terminal; ends at Ctrl-D."""
    if not source.isatty():
        yield from source
        return
    prompt = PROMPT
    while True:
        try:
            line = input(prompt)
        except EOFError:
            say("")
            return
        prompt = PROMPT if line.rstrip().endswith(";") or not line.strip() else CONTINUED
        yield line + "\n"


def statements(lines: Iterable[str]) -> Iterator[str]:
    """Statements that end with ; at the end of a line; the last may end with the input. `exit` ends them."""
    pending = ""
    for line in lines:
        if not pending.strip() and line.strip().rstrip(";") in LEAVE:
            return
        pending += line
        if pending.rstrip().endswith(";"):
            yield pending
            pending = ""
    if pending.strip():
        yield pending


def enable_history() -> None:
    """Arrow keys and history, where Python was built with readline."""
    try:
        import readline  # noqa: F401, PLC0415 - importing it is what switches it on
    except ImportError:
        return
