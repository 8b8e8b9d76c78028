"""LOAD DATA LOCAL of one file, accepted only when the server's own report fits."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mysql.connector import Error, ProgrammingError

from spark.load.tsv import FORMAT

REPORT = re.compile(r"Records: (\d+)\s+Deleted: (\d+)\s+Skipped: (\d+)\s+Warnings: (\d+)")
DUPLICATE_ENTRY = 1062


class LoadMismatch(Exception):  # noqa: N818 - it names what was found
    """The server read other rows than were written, or changed a value. Nothing of the load may stay."""


@dataclass(frozen=True)
class Report:
    """What the server says of one LOAD DATA: rows read, duplicates skipped, warnings (duplicates among them)."""

    records: int
    skipped: int
    warnings: int


def load_file(  # noqa: PLR0913 - one statement's parts
    connection: Any,
    table: str,
    *,
    columns: Sequence[str],
    path: Path,
    rows: int,
    values: Mapping[str, str],
) -> Report:
    """Loads `rows` lines into the table inside the caller's transaction; `values` are SQL for SET, by column.

    LOCAL implies IGNORE: a bad value would be changed with no more than a warning, so only warnings about skipped
    duplicates are accepted. Raises LoadMismatch; the caller rolls back. Raises FileNotFoundError.
    """
    path.stat()  # the connector reports a missing file as a lost connection, which is tried again
    names = ", ".join(column if column.startswith("@") else f"`{column}`" for column in columns)
    settings = ", ".join(f"`{column}` = {sql}" for column, sql in values.items())
    statement = f"LOAD DATA LOCAL INFILE '{path}' INTO TABLE `{table}` {FORMAT} ({names}) SET {settings}"
    report = read_report(_run(connection, statement))
    if report.records != rows or report.warnings != report.skipped:
        raise LoadMismatch(
            f"{table}: {rows} rows were written, and the server reports {report.records} records, "
            f"{report.skipped} duplicates and {report.warnings} warnings ({_first_warning(connection)}); "
            "the load was rolled back."
        )
    return report


def _run(connection: Any, statement: str) -> Mapping[str, Any]:
    """The server's OK packet. Where local_infile is off the connector hides the server's number behind none."""
    try:
        answer: Mapping[str, Any] = connection.cmd_query(statement)
    except Error as error:
        if isinstance(error.__cause__, ProgrammingError):
            raise error.__cause__ from None
        raise
    return answer


def read_report(ok_packet: Mapping[str, Any]) -> Report:
    """The report in the OK packet. The cursor's own warning count stops at 65,535 and is not looked at."""
    text = ok_packet.get("info_msg", b"")
    match = REPORT.search(text if isinstance(text, str) else text.decode())
    if match is None:
        raise LoadMismatch(f"the server gave no report on its load but {text!r}.")
    return Report(records=int(match[1]), skipped=int(match[3]), warnings=int(match[4]))


def _first_warning(connection: Any) -> str:
    """The first warning that is no duplicate; the server remembers only the first few hundred."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW WARNINGS")
        others = [message for _, code, message in cursor.fetchall() if code != DUPLICATE_ENTRY]
    return others[0] if others else "not among those the server remembers"
