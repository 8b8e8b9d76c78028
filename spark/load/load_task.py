"""What one task of a load does on its executor: clean its records, spool the rows, load them in one transaction."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
from pyspark import TaskContext

from millrace import failpoints
from millrace.contract.contract import Contract
from millrace.settings import Settings
from spark.clean.clean_batch import clean
from spark.decode.events import decode
from spark.decode.record_fields import Reader
from spark.load.connection import kept_connection
from spark.load.failing_records import refuse_all
from spark.load.load_data import load_file
from spark.load.reads import PartitionCounter
from spark.load.row_spool import Spool, SpoolFile
from sql.errors import retrying
from sql.ledger.load_guard import await_load, hold_load
from sql.schema.feed_tables import load_target

LOAD_PROPERTY = "millrace.load"
"""The local property of a job that tells its tasks which load they are of."""
BEGINS_LATER = "millrace.begins-later"
"""The local property of a job whose load begins while its tasks are at work."""
REFUSE_FOR = "millrace.refuse-for"
"""The local property of a job whose records cannot be loaded: why; all of them go to quarantine."""


@dataclass(frozen=True)
class LoadTask:
    """Called by mapInArrow with a partition's Kafka records; gives their counts (row_spool.COUNTS) once committed.

    One serves all jobs of a query, each of which names its load in its local property LOAD_PROPERTY.
    """

    settings: Settings
    app: str
    epoch: int
    reader: Reader

    @property
    def contract(self) -> Contract:
        return self.reader.contract

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        counter = PartitionCounter()
        read = counter.through(batches)
        yield from self.load(_load_of_job(), (self._cleaned(batch, _property(REFUSE_FOR)) for batch in read))
        yield from counter.rows()

    def _cleaned(self, records: pa.RecordBatch, refuse_for: str | None) -> pa.RecordBatch:
        if refuse_for:
            return refuse_all(records, self.reader, refuse_for)
        return clean(decode(records, self.reader), self.contract)

    def load(self, load_id: int, cleaned: Iterable[pa.RecordBatch]) -> list[pa.RecordBatch]:
        """Loads cleaned rows, see spark.clean.clean_batch; their counts."""
        with TemporaryDirectory(prefix="millrace-load-") as folder:
            spool = Spool(Path(folder), self.contract)
            for batch in cleaned:
                spool.add(batch)
            spool.close()
            if spool.rows:
                self.store(load_id, spool)
            return spool.counts()

    def store(self, load_id: int, spool: Spool) -> None:
        """One transaction: all of the task's rows or none. A deadlock or a lost server repeats it from its start."""
        for attempt in retrying():
            with attempt, kept_connection(self.settings, self.app, self.epoch) as connection:
                if _property(BEGINS_LATER):
                    await_load(connection, load_id)
                connection.start_transaction()
                hold_load(connection, load_id, self.epoch, self.contract.feed)
                self._load(connection, load_target(self.contract).name, spool.good, {"load_id": str(load_id)})
                failpoints.at("during_load")
                failpoints.poison("poison", spool.good.path)
                self._load(connection, "quarantine", spool.refused, self._quarantine_values(load_id))
                connection.commit()

    def _load(self, connection: Any, table: str, file: SpoolFile, values: dict[str, str]) -> None:
        if file.rows:
            columns = ["@raw_hex" if column == "raw_hex" else column for column in file.columns]
            load_file(connection, table, columns=columns, path=file.path, rows=file.rows, values=values)

    def _quarantine_values(self, load_id: int) -> dict[str, str]:
        return {
            "feed": f"'{self.contract.feed}'",
            "topic": f"'{self.contract.feed}'",
            "load_id": str(load_id),
            "raw": "UNHEX(@raw_hex)",
            "quarantined_at": "UTC_TIMESTAMP(3)",
        }


def _property(name: str) -> str | None:
    context = TaskContext.get()
    return context.getLocalProperty(name) if context else None


def _load_of_job() -> int:
    named = _property(LOAD_PROPERTY)
    if named is None:
        raise LookupError(f"the job names no load in its property {LOAD_PROPERTY}")
    return int(named)
