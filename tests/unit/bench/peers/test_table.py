"""The peers' table, and what tells whether it holds what was sent."""

import csv
import zlib
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy.dialects import mysql
from sqlalchemy.schema import CreateTable

from bench.peers.bare_load import FILE, whole_table, write_rows
from bench.peers.table import FEED, HEADERS, NAMES, PLAIN_YEARS, Print, peers_table, print_of_file, records
from bench.peers.task import TABLE
from bench.send import write_rates
from millrace.contract.contract import load_contract
from spark.load.row_spool import row_columns
from sql.schema.feed_tables import fact_table
from tests.unit.bench.peers.tasks import task_in

pytestmark = pytest.mark.host
ROWS = 40_000
FACTS = fact_table(load_contract(FEED))


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("rates") / "rates.csv"
    write_rates(path, 7, ROWS, PLAIN_YEARS)
    return path


def test_every_value_is_there_and_in_the_one_form_that_all_read(file: Path) -> None:
    found = [dict(zip(NAMES, values, strict=True)) for _, values in records(file)]
    assert len(found) == ROWS
    assert {one["business_year"] for one in found} == {str(year) for year in PLAIN_YEARS}
    assert all(all(one.values()) for one in found)
    for one in found:
        datetime.strptime(one["imported_at"], "%Y-%m-%d %H:%M:%S")
        date.fromisoformat(one["rate_effective_date"])


def test_the_table_has_the_identity_and_these_columns() -> None:
    ddl = str(CreateTable(peers_table()).compile(dialect=mysql.dialect()))  # type: ignore[no-untyped-call]
    assert "imported_at DATETIME NOT NULL" in ddl
    assert "individual_rate DECIMAL(10, 2) NOT NULL" in ddl
    assert "PRIMARY KEY (source_id, row_no)" in ddl
    assert [column.name for column in peers_table().columns] == ["source_id", "row_no", *NAMES]


def test_a_file_is_summed_as_mysql_shows_its_values(tmp_path: Path) -> None:
    texts = ["2014", "AK", "21989", "HIOS", "6", "2014-03-19 07:06:49", "21989", "93-0438772", "2014-01-01"]
    texts += ["2014-12-31", "21989AK0010001", "Rating Area 1", "No Preference", "0-20", "999999"]
    file = tmp_path / "rates.csv"
    with file.open("w", newline="") as out:
        csv.writer(out).writerows([["Other", *HEADERS], ["x", *texts]])
    digest = zlib.crc32("|".join(["1", *texts[:-1], "999999.00"]).encode())
    assert print_of_file(file) == Print(1, Decimal("999999.00"), digest)


def test_a_bare_load_finds_the_records_of_the_file(file: Path, tmp_path: Path) -> None:
    write_rows(task_in(tmp_path).model_copy(update={"file": file}))
    lines = (tmp_path / FILE).read_text().splitlines()
    cells = [dict(zip(row_columns(load_contract(FEED)), line.split("\t"), strict=True)) for line in lines]
    assert [[row["source_id"], row["row_no"]] for row in cells] == [["42", str(row)] for row, _ in records(file)]
    plans = [values[NAMES.index("plan_id")] for _, values in records(file)]
    assert [row["plan_id"] for row in cells] == plans
    assert {row["is_sentinel"] for row in cells} <= {"0", "1"}


def test_a_bare_load_fills_a_table_as_the_feeds_own() -> None:
    own, bare = (str(CreateTable(table).compile(dialect=mysql.dialect())) for table in (FACTS, whole_table()))
    assert bare == own.replace(f"CREATE TABLE {FEED} ", f"CREATE TABLE {TABLE} ")
