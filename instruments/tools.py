"""What tests of the running lab share: the commands a person types, MySQL as a reader, the real files."""

import hashlib
import io
import json
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text

from lab import cli
from lab.host import remote
from lab.location import CHECKOUT
from lab.observe.access import settings
from lab.observe.warehouse import warehouse
from millrace.record.identity import file_source

DATA = CHECKOUT.parent / "shared" / "data"
# Commands that only ask and print: they are called in this process, since a start of Python costs more than they do.
ASKING = ("status", "sql", "quarantine", "peek", "events", "login")
# For pgrep and pkill, which are not to find themselves.
EXECUTOR_PROCESS = "[C]oarseGrainedExecutorBackend"
NUMBER = r"([\d,]+)"
SUM = re.compile(
    rf"^(\S+): {NUMBER} sent = {NUMBER} loaded \+ {NUMBER} updated \+ {NUMBER} duplicates \+ {NUMBER} quarantined$",
    re.M,
)

COLUMNS = (
    "SELECT column_name AS name FROM information_schema.columns"
    " WHERE table_schema = DATABASE() AND table_name = :table ORDER BY ordinal_position"
)


@dataclass(frozen=True)
class Run:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        """What it complained of."""
        return self.err.strip()


@dataclass(frozen=True)
class Sum:
    """What `make send` printed."""

    sent: int
    loaded: int
    updated: int
    duplicates: int
    quarantined: int


def wait_until(is_so: Callable[[], bool], what: str, seconds: float = 150) -> None:
    """Polls; fails with what was waited for."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s: {what}"
        time.sleep(0.2)


def millrace(*arguments: str | Path, timeout: float = 300) -> Run:
    """Runs a command of the checkout as the Makefile does, with no terminal."""
    if arguments[0] in ASKING:
        return asked(*map(str, arguments))
    command = [sys.executable, "-m", "lab", *map(str, arguments)]
    done = subprocess.run(
        command, cwd=CHECKOUT, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=timeout, check=False
    )
    return Run(done.returncode, done.stdout, done.stderr)


def asked(*arguments: str) -> Run:
    """The same command line, called in this process."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as ended:
        cli.app(arguments)
    return Run(int(ended.value.code or 0), out.getvalue(), err.getvalue())


def printed_sum(run: Run) -> Sum:
    """The sum in a command's output; fails with all it said when there is none."""
    found = SUM.search(run.out)
    assert found, f"no sum in the output (exit code {run.code}):\n{run.out}\n{run.err}"
    return Sum(*(int(number.replace(",", "")) for number in found.groups()[1:]))


def run_send(feed: str, file: Path, *flags: str, timeout: float = 300) -> Run:
    """Sends a file, however that may end."""
    return millrace("send", *flags, "--", feed, file, timeout=timeout)


def send(feed: str, file: Path, *flags: str) -> Sum:
    """Sends a file that must go through: exit code 0, and a sum that adds up."""
    run = run_send(feed, file, *flags)
    result = printed_sum(run)
    assert run.code == 0, run.err
    assert result.sent == result.loaded + result.updated + result.duplicates + result.quarantined
    return result


@dataclass(frozen=True)
class Warehouse:
    """MySQL as the read-only account sees it."""

    connection: Connection

    def rows(self, query: str, **values: Any) -> list[dict[str, Any]]:
        """Every row as a mapping; sees what was committed until now."""
        found = [dict(row) for row in self.connection.execute(text(query), values).mappings()]
        self.connection.rollback()
        return found

    def one(self, query: str, **values: Any) -> Any:
        """The single value of a query."""
        (row,) = self.rows(query, **values)
        (value,) = row.values()
        return value

    def fingerprint(self, table: str, where: str = "TRUE") -> tuple[int, str]:
        """Rows of a table and a sum over digests of all their values: equal for equal content, whatever the order."""
        columns = ", ".join(f"`{row['name']}`" for row in self.rows(COLUMNS, table=table))
        digest = f"CONV(LEFT(SHA2(JSON_ARRAY({columns}), 256), 15), 16, 10)"
        (found,) = self.rows(f"SELECT COUNT(*) AS n, SUM(CAST({digest} AS UNSIGNED)) AS sum FROM {table} WHERE {where}")
        return found["n"], str(found["sum"])


class WarehouseAfresh:
    """The same over a connection of its own for each question: drills break those that stay open."""

    def rows(self, query: str, **values: Any) -> list[dict[str, Any]]:
        with warehouse(settings()) as connection:
            return Warehouse(connection).rows(query, **values)

    def one(self, query: str, **values: Any) -> Any:
        with warehouse(settings()) as connection:
            return Warehouse(connection).one(query, **values)


def run_python(machine: str, script: str, given: object, *, timeout: float = 60) -> str:
    """What the script printed on the machine; `given` is its standard input, as JSON: passwords are no arguments."""
    done = subprocess.run(
        remote.command(machine, shlex.join(["/opt/millrace/venv/bin/python", "-P", "-c", script])),
        input=json.dumps(given),
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def as_root(sql: str) -> str:
    """What MySQL's own root gets, tab-separated and without a header."""
    return remote.run("mysql", ["sudo", "mysql", "--batch", "--skip-column-names", "-e", sql])


def real_file(name: str, of: str = "insurance") -> Path:
    """A real file of those data; skips where the folder is absent."""
    file = DATA / of / name
    if not file.is_file():
        pytest.skip(f"the real file ../shared/data/{of}/{name} is not here")
    return file


def source_of(feed: str, file: Path) -> int:
    """The identity of a file's records."""
    with file.open("rb") as content:
        return file_source(feed, hashlib.file_digest(content, "sha256").hexdigest())


def with_extra_column(file: Path, folder: Path, value: str) -> Path:
    """A copy with one more column, unknown to the contract: same records, another identity, another name."""
    newline = b"\r\n" if b"\r\n" in file.read_bytes()[:4096] else b"\n"
    head, *lines = file.read_bytes().rstrip(newline).split(newline)
    copy = folder / f"{value}-{file.name}"
    copy.write_bytes(newline.join([b"Nonce," + head, *(value.encode() + b"," + line for line in lines)]) + newline)
    return copy
