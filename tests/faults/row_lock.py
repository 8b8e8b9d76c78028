"""A row that MySQL's root has locked, so that a LOAD DATA of that row stops in its midst."""

import subprocess
from types import TracebackType

from instruments.failpoints import DEADLINE
from instruments.tools import as_root, wait_until
from lab.host import remote

STUCK = (
    "SELECT COUNT(*) FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT' AND trx_rows_modified > 0"
    " AND trx_query LIKE 'LOAD DATA%'"
)


class RowLock:
    """The row is inserted, and the transaction stays open until `release` or the context's end; then it is undone."""

    def __init__(self, table: str, source: int, row: int) -> None:
        self._insert = f"INSERT INTO {table} (source_id, row_no) VALUES ({source}, {row});"

    def __enter__(self) -> "RowLock":
        command = remote.command("mysql", "sudo mysql --batch --skip-column-names --unbuffered millrace")
        self._client = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._client.stdin and self._client.stdout
        self._client.stdin.write(f"SET sql_mode = ''; BEGIN; {self._insert} SELECT 'locked';\n")
        self._client.stdin.flush()
        assert self._client.stdout.readline() == "locked\n"
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.release()

    def wait_until_met(self) -> None:
        """Returns when a LOAD DATA has written rows and waits for this one."""
        wait_until(lambda: as_root(STUCK) != "0\n", "MySQL is in the midst of LOAD DATA", DEADLINE)

    def release(self) -> None:
        """Who waits for the row goes on."""
        self._client.communicate(timeout=DEADLINE)
