"""The limit: one LOAD DATA LOCAL of the same rows into the same table, from a file in which they stand as loaded."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import mysql.connector
import pyarrow as pa
from pydantic import SecretStr
from sqlalchemy import MetaData, Table

from bench.peers.table import FEED
from bench.peers.task import TABLE, Start, Task, from_environment, in_environment
from millrace.contract.contract import load_contract
from millrace.record.seal import Seal, Trust
from producer.files.csv_file import CsvFile
from spark.clean.clean_batch import clean
from spark.decode.events import decode
from spark.decode.record_fields import Reader
from spark.load.row_spool import SpoolFile, row_columns
from spark.load.tsv import FORMAT
from sql.schema.feed_tables import fact_table

NAME = "LOAD DATA"
FILE = "rows.tsv"
BATCH_ROWS = 20_000


def ready() -> None:
    """The checkout's own Python has all it needs."""


def start(task: Task) -> Start:
    """See Peer."""
    write_rows(task)
    return Start([sys.executable, "-m", __name__], in_environment(task))


def whole_table() -> Table:
    """As the feed's own: every column, its key and its index."""
    return fact_table(load_contract(FEED)).to_metadata(MetaData(), name=TABLE)


def write_rows(task: Task) -> None:
    """The records of the file that was sent, cleaned as the lab cleans them."""
    contract = load_contract(FEED)
    reader = Reader(contract, "", 1, Trust(Seal(SecretStr("nobody sealed them")), None))
    file = SpoolFile(task.folder / FILE, row_columns(contract))
    for records in _batches(task.file, task.source):
        file.add(clean(decode(records, reader), contract))
    file.close()


def _batches(path: Path, source: int) -> Iterator[pa.RecordBatch]:
    """The file's records as Kafka would give them."""
    file, now = CsvFile(load_contract(FEED), path, path.name), datetime.now(UTC)
    encode, records = file.encoder(FEED, source, {}, "file"), file.records()
    while values := [encode(record) for record in islice(records, BATCH_ROWS)]:
        count = len(values)
        yield pa.record_batch(
            {
                "value": pa.array(values, pa.binary()),
                "partition": pa.array([0] * count, pa.int32()),
                "offset": pa.array(range(count), pa.int64()),
                "timestamp": pa.array([now] * count, pa.timestamp("us", "UTC")),
            }
        )


def main(task: Task) -> None:
    """One statement, one transaction."""
    connection = mysql.connector.connect(**task.mysql(), allow_local_infile=True, use_pure=True)
    names = ", ".join(f"`{name}`" for name in row_columns(load_contract(FEED)))
    rows = f"LOAD DATA LOCAL INFILE '{task.folder / FILE}' INTO TABLE {TABLE} {FORMAT} ({names}) SET load_id = 1"
    connection.cmd_query(rows)
    connection.commit()


if __name__ == "__main__":
    main(from_environment())
