"""The limit: one LOAD DATA LOCAL of the same rows from a file that is there, with nothing read, parsed or checked."""

import sys

import mysql.connector

from bench.peers.table import NAMES, records
from bench.peers.task import TABLE, Start, Task, from_environment, in_environment
from spark.load.tsv import FORMAT

NAME = "LOAD DATA"
FILE = "rows.tsv"


def ready() -> None:
    """The checkout's own Python has all it needs."""


def start(task: Task) -> Start:
    """See Peer."""
    write_rows(task)
    return Start([sys.executable, "-m", __name__], in_environment(task))


def write_rows(task: Task) -> None:
    """The records of the file that was sent, as LOAD DATA takes them."""
    source = str(task.source)
    with (task.folder / FILE).open("w", encoding="utf-8") as out:
        out.writelines("\t".join((source, str(number), *values)) + "\n" for number, values in records(task.file))


def main(task: Task) -> None:
    """One statement, one transaction."""
    connection = mysql.connector.connect(**task.mysql(), allow_local_infile=True, use_pure=True)
    names = ", ".join(("source_id", "row_no", *NAMES))
    connection.cmd_query(f"LOAD DATA LOCAL INFILE '{task.folder / FILE}' INTO TABLE {TABLE} {FORMAT} ({names})")
    connection.commit()


if __name__ == "__main__":
    main(from_environment())
