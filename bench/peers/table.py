"""The table that every peer fills: the columns of insurance_rate that always have a value, under its identity."""

import csv
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from sqlalchemy import Column, Connection, MetaData, PrimaryKeyConstraint, Table, text
from sqlalchemy.dialects.mysql import BIGINT

from bench.peers.task import TABLE
from millrace.contract.contract import load_contract
from sql.schema.feed_tables import OPTIONS
from sql.schema.mysql_types import mysql_type

FEED = "insurance_rate"
PLAIN_YEARS = (2014, 2016)
"""Files of 2015 write dates as M/d/yyyy, which no peer takes without code of one's own: their rates stay out."""
COLUMNS = load_contract(FEED).columns[:15]
"""Business year to individual rate. Those behind them are empty in most records: a peer would need code for that."""
HEADERS = tuple(column.from_ for column in COLUMNS)
NAMES = tuple(column.name for column in COLUMNS)
RATE = NAMES.index("individual_rate")
CENT = Decimal("0.01")
PRINT = (
    "SELECT COUNT(*), COALESCE(SUM(individual_rate), 0),"
    f" COALESCE(SUM(CRC32(CONCAT_WS('|', row_no, {', '.join(NAMES)}))), 0)"
    " FROM {table} WHERE source_id = :source"
)


@dataclass(frozen=True)
class Print:
    """What tells whether a table holds what was sent: rows, the sum of the rates, and that of the rows' CRC-32."""

    rows: int
    rates: Decimal
    digests: int


def peers_table() -> Table:
    """InnoDB as the lab's own facts, clustered by identity, and without their further columns and index."""
    identity = [Column(name, BIGINT(), nullable=False) for name in ("source_id", "row_no")]
    typed = [Column(column.name, mysql_type(column.column_type), nullable=not column.required) for column in COLUMNS]
    return Table(TABLE, MetaData(), *identity, *typed, PrimaryKeyConstraint("source_id", "row_no"), **OPTIONS)


def print_of_table(connection: Connection, table: str, source: int) -> Print:
    """What the table holds of that source."""
    rows, rates, digests = connection.execute(text(PRINT.format(table=table)), {"source": source}).one()
    connection.rollback()
    return Print(int(rows), Decimal(rates), int(digests))


def print_of_file(file: Path) -> Print:
    """What a table that took in all of the file must hold."""
    rows, rates, digests = 0, Decimal(0), 0
    for number, values in records(file):
        rate = Decimal(values[RATE]).quantize(CENT)
        stored = [*values[:RATE], str(rate), *values[RATE + 1 :]]
        rows, rates = number, rates + rate
        digests += zlib.crc32("|".join([str(number), *stored]).encode())
    return Print(rows, rates, digests)


def records(file: Path) -> Iterator[tuple[int, list[str]]]:
    """Number and values of each record, those of COLUMNS."""
    with file.open(newline="") as lines:
        reader = csv.reader(lines)
        header = next(reader)
        positions = [header.index(name) for name in HEADERS]
        for number, fields in enumerate(reader, start=1):
            yield number, [fields[position] for position in positions]
