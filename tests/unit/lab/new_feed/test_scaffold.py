"""A contract proposed from a file: dates, columns and key, as the file shows or the person says."""

import gzip
from pathlib import Path

import pytest

from lab.commands.new_feed import asking
from lab.new_feed.proposal import Choices, propose_contract
from millrace.contract.contract import Contract
from millrace.errors import Refused
from tests.unit.lab.new_feed.csv_files import ORDERS

pytestmark = pytest.mark.host


def proposed(file: Path, feed: str, dates: str = "", key: str = "", newest: str = "") -> Contract:
    """What the command would write, without writing it."""
    return propose_contract(file, feed, file.parent, Choices(asking(dates), key, newest)).contract


@pytest.mark.parametrize(
    ("said", "forms"), [("day-first", ("d/M/yyyy",)), ("month-first", ("M/d/yyyy",)), ("text", ())]
)
def test_dates_in_doubt_are_as_the_person_says(folder: Path, said: str, forms: tuple[str, ...]) -> None:
    file = folder / "doubt.csv"
    file.write_text("day,city\n1/2/2026,Rome\n3/4/2026,Oslo\n11/12/2026,Rome\n")
    assert proposed(file, "doubt", said).columns[0].formats == forms


def test_a_packed_file_is_what_it_holds(folder: Path) -> None:
    (folder / "packed.csv.gz").write_bytes(gzip.compress(b"city,sold\nRome,3\nOslo,4\n"))
    columns = proposed(folder / "packed.csv.gz", "packed").columns
    assert {column.name: column.type for column in columns} == {"city": "varchar(20)", "sold": "int"}


def test_columns_beyond_what_a_table_holds_stay_in_extra(folder: Path) -> None:
    file = folder / "wide.csv"
    file.write_text(",".join(f"c{n}" for n in range(400)) + "\n" + ",".join(["x" * 300] * 400) + "\n")
    contract = proposed(file, "wide")
    assert len(contract.columns) == 150
    assert {column.type for column in contract.columns} == {"varchar(500)", "text"}


def test_with_a_key_the_newest_record_wins(folder: Path, files: dict[str, Path]) -> None:
    contract = proposed(files[ORDERS], "newest", key="Order ID", newest="OrderDate")
    assert (contract.mode, contract.key, contract.newest_by) == ("upsert", ("order_id",), "order_date")


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"key": "Note"}, "The column note decides which record wins, but it is empty in some records."),
        ({"key": "Orderid"}, "There is no column 'Orderid'; did you mean order_id?"),
        ({"newest": "OrderDate"}, "NEWEST says which record of a key wins, so it needs a KEY."),
    ],
)
def test_a_key_that_cannot_be_one_is_refused(
    folder: Path, files: dict[str, Path], said: dict[str, str], sentence: str
) -> None:
    with pytest.raises(Refused) as refused:
        proposed(files[ORDERS], "refused", **said)
    assert str(refused.value) == sentence
