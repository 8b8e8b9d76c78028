"""A schema of the benchmark's own in the lab's MySQL, with an account of its own; both are gone afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import SecretStr
from sqlalchemy import Connection, Table, text
from sqlalchemy.schema import CreateTable, DropTable

from bench.peers.task import TABLE
from lab.host import remote
from lab.observe.access import settings
from lab.observe.warehouse import warehouse
from millrace.settings import Settings, load_lab

DATABASE = ACCOUNT = "millrace_bench"
DROP = ("DROP USER IF EXISTS {who}", f"DROP DATABASE IF EXISTS {DATABASE}")
MAKE = (
    f"CREATE DATABASE {DATABASE} CHARACTER SET utf8mb4",
    "CREATE USER {who} IDENTIFIED BY RANDOM PASSWORD",
    f"GRANT ALL ON {DATABASE}.* TO {{who}}",
)
WRITTEN = "SELECT variable_value FROM performance_schema.global_status WHERE variable_name = 'Innodb_rows_inserted'"
"""Rows of all tables since MySQL's start. The lab does not count by table: that costs time at each row."""
STORED = f"SELECT COUNT(*) FROM {TABLE}"
QUERY_SECONDS = 600


@contextmanager
def scratch() -> Iterator[Settings]:
    """How to reach it. MySQL makes the password up itself, so that it stands on no command line."""
    as_root(*DROP)
    try:
        password = as_root(*MAKE).split("\t")[2]
        yield settings().model_copy(
            update={"mysql_user": ACCOUNT, "mysql_password": SecretStr(password), "mysql_database": DATABASE}
        )
    finally:
        as_root(*DROP)


@contextmanager
def fresh_table(reached: Settings, table: Table) -> Iterator[Connection]:
    """The table, empty, and a connection to its schema."""
    with warehouse(reached, read_seconds=QUERY_SECONDS) as connection:
        connection.execute(DropTable(table, if_exists=True))
        connection.execute(CreateTable(table))
        connection.commit()
        yield connection


def number(connection: Connection, query: str) -> int:
    """The one number of an answer, as of now."""
    found = int(connection.execute(text(query)).scalar_one())
    connection.rollback()
    return found


def as_root(*statements: str) -> str:
    """What MySQL's own root gets, tab-separated and without a header; the account is one of this host's."""
    script = ";".join(statements).format(who=f"'{ACCOUNT}'@'{load_lab().subnet}.1'")
    return remote.run("mysql", ["sudo", "mysql", "--batch", "--raw", "--skip-column-names", "-e", script])
