"""Files of real people's tools: every value that is loaded is the one that stood in the file."""

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from tests.unit.lab.new_feed.infer.case_files import case, proposed, stored

pytestmark = pytest.mark.host


def texts(file: Path, delimiter: str = ",") -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines, delimiter=delimiter))


def test_codes_come_back_character_by_character(tmp_path: Path) -> None:
    file = case("A6-codes.csv")
    made = proposed(file, tmp_path)
    found, written = stored(made, file, tmp_path), texts(file)
    assert (len(found), [row.reasons for row in found if row.reasons]) == (60, [])
    for name in (
        "zip",
        "fips",
        "ean",
        "tweet_id",
        "account",
        "batch",
        "hex_id",
        "phone",
        "part_no",
        "reading",
        "level",
    ):
        assert [str(getattr(row, name)) for row in found] == [record[name] for record in written], name
    assert sum(row.price_sci for row in found) == 1860000
    notes = {column.name: column.note for column in made.columns}
    assert notes["zip"] == "text, since 00157 would lose its leading zeros as a number"
    assert notes["phone"] == "text, since +33500000001 would lose its plus sign as a number"
    assert notes["batch"] == "text, since 11E11 may be a code as well as a number with an exponent"
    assert notes["tweet_id"] == "text, since 1352171357891584013 has more digits than a number keeps"
    assert [measure.name for measure in made.contract.rollups[0].measures] == ["records"]


def test_batches_stay_apart(tmp_path: Path) -> None:
    file = case("A6-batches.csv")
    found = stored(proposed(file, tmp_path), file, tmp_path)
    assert [row.reasons for row in found if row.reasons] == []
    assert (len(found), len({row.batch for row in found}), found[0].batch) == (40, 40, "11E11")


def test_a_point_parts_thousands_where_the_comma_is_the_decimal_sign(tmp_path: Path) -> None:
    file = case("A7-einwohner.csv")
    made = proposed(file, tmp_path)
    found = stored(made, file, tmp_path)
    assert [row.reasons for row in found if row.reasons] == []
    assert sum(row.einwohner for row in found) == 973137
    assert sum(row.flache_km2 for row in found) == Decimal("58.25")
    assert made.columns[1].note == "a point before thousands, as in other columns"


def test_times_are_what_they_say(tmp_path: Path) -> None:
    file = case("A8-times.csv")
    made = proposed(file, tmp_path)
    found = stored(made, file, tmp_path)
    assert (len(found), [row.reasons for row in found if row.reasons]) == (24, [])
    times = [f"{found[number - 1].iso_offset:%H:%M}" for number in (1, 3, 24)]
    assert times == ["00:30", "01:00", "06:15"]
    assert f"{found[8].local_gap:%H:%M}" == "02:30"
    assert [row.us_ampm for row in found] == [row.local_gap for row in found]
    for name in ("two_digit", "iso_week", "clock", "iso_fraction"):
        assert [getattr(row, name) for row in found] == [record[name] for record in texts(file)], name
    note = next(column.note for column in made.columns if column.name == "iso_fraction")
    assert note.startswith("text, since DATETIME keeps no fractions of a second")
    assert [measure.name for measure in made.contract.rollups[0].measures] == ["records"]


def test_ids_and_years_are_not_summed(tmp_path: Path) -> None:
    file = case("A9-two-members.csv.gz")
    made = proposed(file, tmp_path)
    assert len(stored(made, file, tmp_path)) == 4
    assert [measure.name for measure in made.contract.rollups[0].measures] == ["records"]
