"""The real slices fit their contracts: every value of every record passes, by a plain reading of the rules."""

import csv
import gzip
import re
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

import pytest

from millrace.contract.column import Column
from millrace.contract.contract import all_contracts, load_contract
from millrace.feed_names import FOLDER
from producer.files.csv_records import read_records
from producer.files.header import read_header

DATA = Path(__file__).parents[5] / "shared" / "data" / "insurance"
FILES = {
    "insurance_network": ("Network_kaggle_2014_2016.csv", 3_822),
    "insurance_service_area": ("ServiceArea_sample.csv", 10_000),
    "insurance_benefit": ("BenefitsCostSharing_sample.csv", 10_000),
}
PYTHON_FORMATS = {
    "yyyy-MM-dd HH:mm:ss": "%Y-%m-%d %H:%M:%S",
    "M/d/yyyy H:mm": "%m/%d/%Y %H:%M",
    "yyyy-MM-dd": "%Y-%m-%d",
    "M/d/yyyy": "%m/%d/%Y",
    "dd/MM/yyyy": "%d/%m/%Y",
    "Myyyy": "%m%Y",
}
PARSE = {
    "county_fips": lambda text: text.removesuffix(".0").zfill(5),
    "count": lambda text: text.removesuffix(".0"),
    "department": lambda text: text.zfill(2),
    "region": lambda text: text.zfill(2),
    "zone": lambda text: text.zfill(4),
    "plain_digits": lambda text: text.replace(",", ""),
    "plain_number": lambda text: f"{Decimal(text):f}",
    "whole_number": lambda text: text.removesuffix(".0"),
}

needs_data = pytest.mark.skipif(not DATA.exists(), reason="the real slices are not on this machine (../shared/data)")


def fault(column: Column, raw: str) -> str | None:
    """Why a value does not fit its column; None when it does."""
    text = raw.strip()
    if not text:
        return "missing" if column.required else None
    text = PARSE[column.parse](text) if column.parse else text
    kind = column.column_type
    checks = {
        "text": kind.is_text and len(text) > (kind.length or 2**16 // 4),
        "pattern": column.pattern is not None and not re.fullmatch(column.pattern, text),
        "values": column.values is not None and text not in column.values,
        "boolean": kind.name == "boolean" and text.lower() not in (*column.true_values, *column.false_values),
        "moment": bool(column.formats) and not any(_is_moment(text, pattern) for pattern in column.formats),
        "number": kind.is_number and not _is_number(column, text),
    }
    return next((name for name, is_wrong in checks.items() if is_wrong), None)


def _is_moment(text: str, pattern: str) -> bool:
    try:
        datetime.strptime(text, PYTHON_FORMATS[pattern])
    except ValueError:
        return False
    return True


def _is_number(column: Column, text: str) -> bool:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return False
    if column.column_type.is_whole and number != int(number):
        return False
    return (column.min is None or number >= column.min) and (column.max is None or number <= column.max)


def faults_in(feed: str, file: Path) -> tuple[int, list[str]]:
    """How many records a file has, and every fault in them."""
    contract = load_contract(feed)
    columns = {column.from_: column for column in contract.columns}
    with file.open("rb") as lines:
        header = read_header(lines, contract, file.name)
        assert set(header.kept_names) <= set(columns)
        records = list(read_records(lines, header.layout, len(header.names)))
    faults = []
    for record in records:
        assert record.fields is not None, record
        for index in header.kept:
            why = fault(columns[header.names[index]], record.fields[index])
            if why:
                faults.append(f"record {record.row}: {header.names[index]} {record.fields[index]!r}: {why}")
    return len(records), faults


@needs_data
@pytest.mark.parametrize("feed", FILES)
def test_every_real_record_fits(feed: str) -> None:
    name, count = FILES[feed]
    assert faults_in(feed, DATA / name) == (count, [])


@needs_data
def test_every_real_value_of_a_plan_fits() -> None:
    columns = {column.from_: column for column in load_contract("insurance_plan").columns}
    seen = set()
    with gzip.open(DATA / "PlanAttributes_value_domains.csv.gz", "rt", encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            if column := columns.get(line["column"]):
                seen.add(column.from_)
                assert fault(column, line["value"]) is None, line
    assert set(columns) == seen


@pytest.mark.parametrize("feed", sorted(feed for feed, c in all_contracts().items() if c.family == "insurance"))
def test_every_sample_fits_and_is_tiny(feed: str) -> None:
    count, faults = faults_in(feed, FOLDER / feed / "sample.csv")
    assert 20 <= count <= 60
    assert faults == []
