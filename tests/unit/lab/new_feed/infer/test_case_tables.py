"""Files of real people's tools: the table is found wherever it begins, or the sentence says what is in the way."""

from pathlib import Path

import pytest

from lab.new_feed.readme import readme, remarks
from millrace.errors import Refused
from tests.unit.lab.new_feed.infer.case_files import case, proposed, stored

pytestmark = pytest.mark.host


@pytest.mark.parametrize(
    ("name", "records", "shape", "remark"),
    [
        ("A4-plain.csv", 15, ("buchungstag", 5), []),
        ("A4-sep-line.csv", 15, ("buchungstag", 5), ["Passed over above the header: sep=;."]),
        (
            "A5-comments-on-top.csv",
            30,
            ("year", 3),
            [
                "Passed over above the header: # Made-up annual means, mole fraction, ppm; # Contact: "
                "nobody@example.org; do not cite; # year, mean and uncertainty, see below."
            ],
        ),
        (
            "A5-worldbank-shape.csv",
            3,
            ("country_name", 69),
            ['Passed over above the header: "Data Source","Made-up Indicators",; "Last Updated Date","2025-11-01",.'],
        ),
        ("A5-years-as-columns.csv", 3, ("country_name", 69), []),
        (
            "A5-totals.csv",
            14,
            ("sold_on", 5),
            ["2 lines look like totals of others (line 8, 15): take them out of the file, or they count twice."],
        ),
    ],
)
def test_the_table_is_found(tmp_path: Path, name: str, records: int, shape: tuple[str, int], remark: list[str]) -> None:
    file = case(name)
    made = proposed(file, tmp_path)
    found = stored(made, file, tmp_path)
    assert (len(found), [row.reasons for row in found if row.reasons]) == (records, [])
    assert (made.columns[0].name, len(made.columns)) == shape
    assert remarks(made.inspected) == remark
    page = readme(made.contract, made.columns, made.inspected, name)
    assert all(line in page for line in remark)


def test_a_line_of_a_spreadsheet_changes_nothing(tmp_path: Path) -> None:
    with_line, plain = (proposed(case(name), tmp_path) for name in ("A4-sep-line.csv", "A4-plain.csv"))
    assert with_line.contract.columns == plain.contract.columns


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "A4-rows-longer-than-header.csv",
            "24 of 24 records cannot be read; of the first, at line 2, the row has 5 fields, the header has 4.",
        ),
        (
            "A11-newline-in-header.csv",
            "a column's name goes on in the next line; each column's name must stand in one line.",
        ),
    ],
)
def test_what_is_in_the_way_is_said(tmp_path: Path, name: str, said: str) -> None:
    file = case(name)
    with pytest.raises(Refused) as refused:
        proposed(file, tmp_path)
    assert str(refused.value) == f"{name}: {said}"


def test_totals_among_the_records_are_refused_one_by_one(tmp_path: Path) -> None:
    made, file = proposed(case("A5-clean.csv"), tmp_path), case("A5-totals.csv")
    found = stored(made, file, tmp_path)
    assert (len(found), sum(row.reasons is not None for row in found)) == (14, 2)
    assert len([row for row in found if not row.reasons]) == 12
