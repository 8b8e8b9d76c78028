"""Rows of a feed's table → Arrow batches, read by Spark tasks that take one range of loads each."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any, NamedTuple

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.pandas.types import from_arrow_schema

from millrace.contract.contract import Contract
from millrace.settings import Settings
from spark.clean.arrow_types import arrow_type
from sql.connection import reading_connection

ROWS_PER_BATCH = 5_000


class LoadIdRange(NamedTuple):
    """Loads of a feed, both ends included; loads of other feeds lie between them."""

    first: int
    last: int
    rows: int


def table_schema(contract: Contract) -> pa.Schema:
    """The feed's table: identity, load, the contract's columns, what the contract does not know, when it was sent."""
    typed = [(name, arrow_type(contract.column(name).column_type)) for name in contract.names]
    identity = [(name, pa.int64()) for name in ("source_id", "row_no", "load_id")]
    return pa.schema([*identity, *typed, ("extra", pa.string()), ("sent_at", pa.timestamp("us"))])


def read_loads(spark: SparkSession, settings: Settings, contract: Contract, ranges: Sequence[LoadIdRange]) -> DataFrame:
    """The rows those loads have in the feed's table now; one task and one query per range."""
    schema = table_schema(contract)
    reader = TableReader(settings, contract.feed, schema, tuple(ranges))
    tasks = spark.range(0, len(ranges), 1, len(ranges))
    return tasks.mapInArrow(reader, from_arrow_schema(schema, prefer_timestamp_ntz=True))


@dataclass(frozen=True)
class TableReader:
    """Called by mapInArrow with the numbers of its ranges; gives their rows."""

    settings: Settings
    table: str
    schema: pa.Schema
    ranges: tuple[LoadIdRange, ...]

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for number in batch["id"].to_pylist():
                yield from self.read(self.ranges[number])

    def read(self, loads: LoadIdRange) -> Iterator[pa.RecordBatch]:
        """The rows of a range, a few thousand at a time, as the server sends them."""
        columns = ", ".join(f"`{name}`" for name in self.schema.names)
        query = f"SELECT {columns} FROM `{self.table}` WHERE load_id BETWEEN %s AND %s"  # noqa: S608 - our own names
        with closing(reading_connection(self.settings)) as connection:
            # Raw: Arrow turns texts into values a column at a time, the driver would do it one by one.
            cursor = connection.cursor(raw=True)
            cursor.execute(query, (loads.first, loads.last))
            while rows := cursor.fetchmany(ROWS_PER_BATCH):
                yield as_batch(rows, self.schema)


def as_batch(rows: Sequence[Sequence[Any]], schema: pa.Schema) -> pa.RecordBatch:
    """Rows of raw texts, as MySQL writes them, in the types of the schema."""
    columns = zip(*rows, strict=True)
    return pa.record_batch(
        [_typed(column, field.type) for column, field in zip(columns, schema, strict=True)], schema=schema
    )


def _typed(column: Sequence[Any], kind: pa.DataType) -> pa.Array:
    texts = pa.array([None if value is None else bytes(value) for value in column], pa.binary()).cast(pa.string())
    return texts.cast(pa.int8()).cast(kind) if pa.types.is_boolean(kind) else texts.cast(kind)
