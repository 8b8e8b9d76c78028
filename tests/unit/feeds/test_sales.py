"""Sales and shares: exact amounts, cancellations, charges, sums of the real files, numbers as people print them."""

import csv
import io
import tarfile
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path

import pyarrow as pa
import pytest

from feeds.sales import transform
from feeds.shares import transform as shares
from millrace.contract.contract import load_contract
from producer.files.csv_file import CsvFile
from tests import commerce_figures as figures
from tests.unit.spark.records import event, rows

REAL = Path(__file__).parents[4] / "shared" / "data" / "sales" / "online_retail_by_day.tar.gz"
needs_data = pytest.mark.skipif(not REAL.exists(), reason="the real slices are not on this machine (../shared/data)")
PRICE = pa.decimal128(12, 3)


def test_an_amount_is_exact() -> None:
    prices = pa.array([Decimal("2.080"), Decimal("0.001"), Decimal("-11062.060"), None], PRICE)
    amounts = transform.amount(pa.array([-80_995, 3, 1, 1], pa.int32()), prices)
    assert amounts.to_pylist() == [Decimal("-168469.600"), Decimal("0.003"), Decimal("-11062.060"), None]
    assert amounts.type == pa.decimal128(22, 3)


def test_the_largest_amount_has_room() -> None:
    price = Decimal("999999999.999")
    (amount,) = transform.amount(pa.array([2**31 - 1], pa.int32()), pa.array([price], PRICE)).to_pylist()
    assert amount == (2**31 - 1) * price


def test_the_columns_of_online_retail_ii_are_accepted(tmp_path: Path) -> None:
    contract, file = load_contract("sales"), tmp_path / "online_retail_II.csv"
    file.write_text(
        "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country\n"
        "489434,85048,15CM LIGHTS,12,2009-12-01 07:45:00,6.95,13085.0,United Kingdom\n"
        "C489449,22087,PAPER BUNTING,-12,2009-12-01 10:33:00,2.95,,Australia\n",
        encoding="utf-8",
    )
    reading = CsvFile(contract, file, file.name)
    found = rows(contract, [event(contract, reading.texts(record), record.row) for record in reading.records()])
    assert [(row.reasons, row.extra) for row in found] == [(None, None)] * 2
    assert [(row.invoice_no, row.unit_price, row.customer_id) for row in found] == [
        ("489434", Decimal("6.950"), 13085),
        ("C489449", Decimal("2.950"), None),
    ]


def test_a_quantity_may_become_a_bigint() -> None:
    price = Decimal("2.5")
    (amount,) = transform.amount(pa.array([2**62], pa.int64()), pa.array([price], PRICE)).to_pylist()
    assert amount == 2**62 * price


@pytest.mark.parametrize(
    ("code", "is_charge"),
    [("POST", True), ("M", True), ("m", True), ("BANK CHARGES", True), ("85123A", False), ("DCGS0003", False)],
)
def test_a_charge_is_no_article(code: str, is_charge: bool) -> None:
    assert transform.is_charge(pa.array([code])).to_pylist() == [is_charge]


def test_a_cancellation_begins_with_c() -> None:
    invoices = pa.array(["C536379", "536365", "A563185"])
    assert transform.is_cancelled(invoices).to_pylist() == [True, False, False]


def test_a_product_without_description_is_its_code() -> None:
    found = transform.product(pa.array(["PARTY BUNTING", None]), pa.array(["47566", "21777"]))
    assert found.to_pylist() == ["PARTY BUNTING", "21777"]


@cache
def real_lines() -> tuple[dict[str, str], ...]:
    return tuple(_real_lines())


def _real_lines() -> Iterator[dict[str, str]]:
    with tarfile.open(REAL) as archive:
        for member in archive:
            if member.name.endswith(".csv") and (content := archive.extractfile(member)):
                yield from csv.DictReader(io.TextIOWrapper(content, encoding="utf-8", newline=""))


@pytest.mark.full
@needs_data
def test_what_the_real_files_add_up_to() -> None:
    lines = real_lines()
    invoices = pa.array([line["InvoiceNo"] for line in lines])
    quantities = pa.array([int(line["Quantity"]) for line in lines], pa.int32())
    amounts = transform.amount(quantities, pa.array([Decimal(line["UnitPrice"]) for line in lines], PRICE))
    assert len(lines) == figures.SALES
    assert sum(amounts.to_pylist()) == figures.REVENUE
    assert transform.is_cancelled(invoices).true_count == figures.CANCELLED
    assert sum(number < 0 for number in quantities.to_pylist()) == figures.NEGATIVE
    assert sum(not line["CustomerID"] for line in lines) == figures.UNKNOWN_CUSTOMERS


@pytest.mark.bulk
@needs_data
def test_equal_lines_of_the_real_files_are_real() -> None:
    equal = Counter(tuple(line.values()) for line in real_lines())
    assert sum(number - 1 for number in equal.values()) == figures.EQUAL_SALES


@pytest.mark.parametrize(
    ("printed", "plain"),
    [
        ("142,981", "142981"),
        ("1,142,981.5", "1142981.5"),
        ("+0.71", "+0.71"),
        ("+1,000.00", "+1000.00"),
        ("14,29", "14,29"),
        ("1,42,981", "1,42,981"),
        ("many", "many"),
        (None, None),
    ],
)
def test_thousands_separators_are_taken_out_where_they_are_right(printed: str | None, plain: str | None) -> None:
    assert shares.plain_digits(pa.array([printed, "1"], pa.string())).to_pylist() == [plain, "1"]
