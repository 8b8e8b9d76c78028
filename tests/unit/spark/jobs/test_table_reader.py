"""MySQL's raw texts → the lake's types, null row included."""

from datetime import date, datetime
from decimal import Decimal

import pyarrow as pa

from millrace.contract.contract import all_contracts
from spark.jobs.table_reader import as_batch, table_schema
from sql.schema.feed_tables import fact_table

SCHEMA = pa.schema(
    [
        ("load_id", pa.int64()),
        ("small", pa.int16()),
        ("amount", pa.decimal128(7, 3)),
        ("degrees", pa.float64()),
        ("day", pa.date32()),
        ("moment", pa.timestamp("us")),
        ("is_so", pa.bool_()),
        ("text", pa.string()),
    ]
)


def test_raw_rows_become_values() -> None:
    rows = [
        (b"7", b"-3", b"12.500", b"48.8566", b"2026-11-24", b"2026-11-24 06:05:04.123", b"1", "é\t".encode()),
        (b"8", None, None, None, None, None, None, None),
        (bytearray(b"9"), b"0", b"-0.001", b"-1e-7", b"1998-03-31", b"2026-11-24 06:05:04", b"0", b""),
    ]
    moment = datetime(2026, 11, 24, 6, 5, 4)
    expected = [
        (7, -3, Decimal("12.500"), 48.8566, date(2026, 11, 24), moment.replace(microsecond=123000), True, "é\t"),
        (8, None, None, None, None, None, None, None),
        (9, 0, Decimal("-0.001"), -1e-7, date(1998, 3, 31), moment, False, ""),
    ]
    assert [tuple(row.values()) for row in as_batch(rows, SCHEMA).to_pylist()] == expected


def test_the_lake_has_every_column_of_the_table() -> None:
    for contract in all_contracts().values():
        assert table_schema(contract).names == [column.name for column in fact_table(contract).columns]
