"""What batch jobs leave in MySQL: their tables, replaced as a whole in one transaction, and how each run ended."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Table, delete, func, insert
from sqlalchemy.dialects.mysql import insert as upsert

from millrace.settings import Settings
from sql.engine import connect
from sql.errors import retrying
from sql.schema.batch_tables import batch_job

Rows = Sequence[Mapping[str, Any]]
CHUNK = 1_000


def replace_tables(settings: Settings, tables: Mapping[Table, Rows]) -> int:
    """Puts those rows in the place of all that the tables hold; readers see the old or the new ones. Their number."""
    for attempt in retrying():
        with attempt, connect(settings).begin() as connection:
            for table, rows in tables.items():
                connection.execute(delete(table))
                for first in range(0, len(rows), CHUNK):
                    connection.execute(insert(table), list(rows[first : first + CHUNK]))
    return sum(map(len, tables.values()))


class Run:
    """One run of a job, from its beginning to the line that it leaves in batch_job."""

    def __init__(self, settings: Settings, job: str) -> None:
        self.settings, self.job = settings, job
        self.started_at = datetime.now(UTC).replace(tzinfo=None)

    def done(self, message: str, rows_read: int, rows_written: int) -> None:
        """The run ended well."""
        self._record("done", message, rows_read, rows_written)

    def failed(self, message: str) -> None:
        """The run ended with that sentence; what it was to write is as it was before."""
        self._record("failed", message, 0, 0)

    def _record(self, state: str, message: str, rows_read: int, rows_written: int) -> None:
        values = {
            "state": state,
            "message": message,
            "rows_read": rows_read,
            "rows_written": rows_written,
            "started_at": self.started_at,
            "finished_at": func.utc_timestamp(3),
        }
        if state == "done":
            values["done_at"] = func.utc_timestamp(3)
        for attempt in retrying():
            with attempt, connect(self.settings).begin() as connection:
                _put(connection, self.job, values)


def _put(connection: Connection, job: str, values: dict[str, Any]) -> None:
    connection.execute(upsert(batch_job).values(job=job, **values).on_duplicate_key_update(values))
