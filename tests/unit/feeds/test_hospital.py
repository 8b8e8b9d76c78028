"""The hospital feed: codes and counts as the sources spoil them, and every record of the real files."""

import csv
from collections import Counter
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from feeds.hospital import transform
from millrace.contract.contract import load_contract

DATA = Path(__file__).parents[4] / "shared" / "data" / "hospital"
CLEANED = "data_sante_clean.csv"
needs_data = pytest.mark.skipif(not DATA.exists(), reason="the real slices are not on this machine (../shared/data)")


def texts(*values: str | None) -> pa.StringArray:
    return pa.array(values, pa.string())


def rows(name: str, delimiter: str = ";") -> list[dict[str, str]]:
    with (DATA / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1", "01"),
        ("01", "01"),
        ("1.0", "01"),
        ("2A", "2A"),
        ("2a", "2A"),
        ("971", "971"),
        ("971.0", "971"),
        (None, None),
    ],
)
def test_a_department_is_its_official_code(text: str | None, code: str | None) -> None:
    assert transform.department(texts(text)).to_pylist() == [code]


def test_counts_are_whole_or_were_not_gathered() -> None:
    found = transform.count(texts("111.0", "111", "0.0", "NA", "3.5", "-2.0", "x", None))
    assert found.to_pylist() == ["111", "111", "0", None, "3.5", "-2", "x", None]


def test_a_region_is_that_of_the_department_or_none_when_the_record_contradicts() -> None:
    found = transform.region_of(texts("01", "01", "01", "2A", "977", None), texts(None, "84", "11", "94", None, "84"))
    assert found.to_pylist() == ["84", "84", None, "94", "00", None]


def test_a_figure_is_as_new_as_its_publication_or_its_own_day() -> None:
    published = pa.array([date(2020, 4, 23), None, None], pa.date32())
    days = pa.array([date(2020, 3, 18), date(2020, 3, 18), date(3909, 4, 30)], pa.date32())
    assert transform.version(published, days).to_pylist() == [date(2020, 4, 23), date(2020, 3, 18), None]


def test_the_pattern_knows_every_code_and_no_other() -> None:
    import re  # noqa: PLC0415

    from millrace.reference.france import departments  # noqa: PLC0415

    column = next(c for c in load_contract("hospital").columns if c.name == "department")
    every = {f"{number:02d}" for number in range(1000)} | {"2A", "2B", "2C", "1A"}
    assert {code for code in every if re.fullmatch(column.pattern or "", code)} == set(departments())


@needs_data
def test_the_cleaned_file_has_one_key_per_month_and_lost_its_corsican_departments() -> None:
    """71,205 records: 1,410 have no department (2A and 2B, by their region), the others are 2,673 keys."""
    records = rows(CLEANED, ",")
    without = [row for row in records if not row["dep"]]
    assert len(records) == 71_205
    assert len(without) == 1_410
    assert {row["code_region"] for row in without} == {"94"}
    keys = Counter((row["dep"], row["sexe"], row["date"]) for row in records if row["dep"])
    assert (len(keys), sum(keys.values()) - len(keys)) == (2_673, 67_122)


@needs_data
def test_the_cleaned_file_is_in_the_order_of_time_so_that_the_last_row_of_a_month_is_its_end() -> None:
    """Months never go back within a department. Within a month the days are gone, but totals since the beginning grow.

    They fall between 1 % of neighbouring rows, where the publisher corrected a total downward.
    """
    before: dict[tuple[str, str], tuple[str, int]] = {}
    falls = 0
    for row in rows(CLEANED, ","):
        if not row["dep"]:
            continue
        key, month, total = (row["dep"], row["sexe"]), row["date"][2:] + row["date"][:2], int(row["Radio"])
        was_month, was_total = before.get(key, ("", 0))
        assert month >= was_month
        falls += total < was_total
        before[key] = (month, total)
    assert falls / 71_205 < 0.01


@needs_data
def test_departments_of_the_cleaned_file_lie_in_the_regions_it_states() -> None:
    records = [row for row in rows(CLEANED, ",") if row["dep"]]
    codes = transform.department(texts(*(row["dep"] for row in records)))
    stated = transform.region(texts(*(row["code_region"] for row in records)))
    assert transform.region_of(codes, stated).null_count == 0


@needs_data
@pytest.mark.parametrize(
    ("name", "count", "without"),
    [
        ("spf_covid_hospit_2020-03-22_first.csv", 1_515, 0),
        ("donnees-hospitalieres-covid19-2020-04-23-19h00.csv", 11_214, 3),
    ],
)
def test_the_publishers_files_have_one_record_per_key(name: str, count: int, without: int) -> None:
    records = rows(name)
    assert (len(records), sum(not row["dep"] for row in records)) == (count, without)
    assert len({(row["dep"], row["sexe"], row["jour"]) for row in records}) == count
    codes = transform.department(texts(*(row["dep"] or None for row in records)))
    assert transform.region_of(codes, pa.nulls(count, pa.string())).null_count == without
