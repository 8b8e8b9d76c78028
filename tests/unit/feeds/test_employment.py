"""The employment feed: every damaged row of the report, quarters in all their forms, the real file."""

import csv
from collections import Counter
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from feeds.employment import transform
from feeds.employment.names import decoded, is_damaged

FILE = Path(__file__).parents[4] / "shared" / "data" / "employment" / "data_emploie_clean.csv"
needs_data = pytest.mark.skipif(not FILE.exists(), reason="the real slices are not on this machine (../shared/data)")


class Report(NamedTuple):
    """A row of the report, and what must become of it."""

    line: str
    zone: str
    region: str
    repaired: bool
    in_doubt: bool = False


REPORT = [
    Report(
        "0104 RvDgion Pointoise|1|Guadeloupe|104|RvDgion Pointoise|32021|58534|58737|436631751|453046487",
        "Région Pointoise", "Guadeloupe", repaired=True,
    ),
    Report(
        "1103 Etampes|11|Véle-de-France|1103|Etampes|32021|17340|17367|134781342|137087595",
        "Etampes", "Île-de-France", repaired=True,
    ),
    Report(
        "1106 Marne-la-VallvDe|11|Véle-de-France|1106|Marne-la-VallvDe|32021|158005|158667|1127542534|1143953733",
        "Marne-la-Vallée", "Île-de-France", repaired=True,
    ),
    Report(
        "4404 Chauxmont|44|Grand Est|4404|Chauxmont|32021|3737|3775|21134687|22039998",
        "Chaumont", "Grand Est", repaired=True,
    ),
    Report(
        "2702 Auxerre|27|Bourgogne-Franche-Comté|2702|Auxerre|32021|39786|40260|251691087|2611134351",
        "Auxerre", "Bourgogne-Franche-Comté", repaired=False, in_doubt=True,
    ),
    Report(
        "0060 Nevers|24|Centre-Val de Loire|60|Nevers|32021|1585|1591|11005527|11330332",
        "Nevers", "Centre-Val de Loire", repaired=False,
    ),
    Report(
        "|1|Guadeloupe|0101|CvVte sous le vent|31/03/1998|821|806|2893087|2823823",
        "Côte sous le vent", "Guadeloupe", repaired=True,
    ),
    Report(
        "0101 Côte sous le vent|1|Guadeloupe|101|Côte sous le vent|31/03/1998|821|806|2893087|2829823",
        "Côte sous le vent", "Guadeloupe", repaired=False,
    ),
]  # fmt: skip


def texts(*values: str | None) -> pa.StringArray:
    return pa.array(values, pa.string())


def numbers(*values: int | None) -> pa.Array:
    return pa.array(values, pa.int64())


def rows() -> list[dict[str, str]]:
    with FILE.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("row", REPORT, ids=lambda row: row.zone)
def test_a_row_of_the_report_is_mended_or_flagged(row: Report) -> None:
    _, region, region_text, zone, zone_text, _, *figures = row.line.split("|")
    codes = transform.zone(texts(zone)), transform.region(texts(region))
    assert transform.zone_name(codes[0], texts(zone_text)).to_pylist() == [row.zone]
    assert transform.region_name(codes[1], texts(region_text)).to_pylist() == [row.region]
    flag = transform.repaired(codes[0], texts(zone_text), codes[1], texts(region_text))
    assert flag.to_pylist() == [row.repaired]
    assert transform.in_doubt(*(numbers(int(figure)) for figure in figures)).to_pylist() == [row.in_doubt]
    assert transform.misplaced(*codes).to_pylist() == [False]


@pytest.mark.parametrize(
    ("spoilt", "name"),
    [
        ("CÃ´te sous le vent", "Côte sous le vent"),  # noqa: RUF001
        ("C√¥te sous le vent", "Côte sous le vent"),
        ("C├┤te sous le vent", "Côte sous le vent"),
        ("CÃƒÂ´te sous le vent", "Côte sous le vent"),  # noqa: RUF001
        ("Ã\x8ele-de-France", "Île-de-France"),
        ("ÃŽle-de-France", "Île-de-France"),
        ("Étampes", "Étampes"),
        ("Mâcon", "Mâcon"),
        ("RvDgion", "RvDgion"),
    ],
)
def test_misread_utf8_is_read_again_and_nothing_else_changes(spoilt: str, name: str) -> None:
    assert decoded(spoilt) == name


@pytest.mark.parametrize(
    ("code", "text", "name"),
    [
        ("0101", "cote SOUS le vent", "Côte sous le vent"),
        ("0101", None, "Côte sous le vent"),
        ("0101", "C\ufffdte sous le vent", "Côte sous le vent"),
        ("4404", "Paris", None),
        ("4404", "Strasbourg", None),
        ("5319", "Saint-Lô", None),
        ("9999", "Mamoudzou", "Mamoudzou"),
        ("9999", "VallvDe", None),
        ("9999", "Vall\ufffde", None),
        ("9999", None, None),
        (None, None, None),
    ],
)
def test_a_name_comes_from_its_code_or_is_none(code: str | None, text: str | None, name: str | None) -> None:
    assert transform.zone_name(texts(code), texts(text)).to_pylist() == [name]


def test_a_region_must_be_one_of_the_eighteen_and_agree_with_its_code() -> None:
    found = transform.region_name(texts("24", "24", "99", "00", "06"), texts(None, "Bretagne", "Bretagne", None, None))
    assert found.to_pylist() == ["Centre-Val de Loire", None, None, None, "Mayotte"]


def test_true_names_show_no_damage() -> None:
    assert not [name for name in ("Île-de-France", "L'Isle-d'Abeau", "Côte-d'Or", "Saint-Lô") if is_damaged(name)]


DAY, YEAR, NUMBER = date(2021, 6, 30), 2021, 2


@pytest.mark.parametrize(
    ("day", "year", "number", "quarter"),
    [
        (DAY, None, None, DAY),
        (None, YEAR, NUMBER, DAY),
        (DAY, YEAR, NUMBER, DAY),
        (DAY, YEAR, None, DAY),
        (DAY, YEAR, 1, None),
        (DAY, 2020, NUMBER, None),
        (date(2021, 6, 29), None, None, None),
        (date(2021, 4, 30), None, None, None),
        (None, YEAR, None, None),
        (None, YEAR, 5, None),
        (None, YEAR, 0, None),
        (None, -1, 1, None),
        (None, 32767, 1, None),
        (None, None, None, None),
        (None, 1998, 1, date(1998, 3, 31)),
        (None, 2020, 4, date(2020, 12, 31)),
    ],
)
def test_a_quarter_is_its_last_day(
    day: date | None, year: int | None, number: int | None, quarter: date | None
) -> None:
    columns = pa.array([day], pa.date32()), pa.array([year], pa.int16()), pa.array([number], pa.int16())
    assert transform.quarter(*columns).to_pylist() == [quarter]
    assert transform.version(pa.array([None], pa.date32()), *columns).to_pylist() == [quarter]
    assert transform.version(pa.array([date(2022, 1, 1)], pa.date32()), *columns).to_pylist() == [date(2022, 1, 1)]


def test_a_part_is_the_former_region_or_the_record_of_the_file_or_all() -> None:
    found = transform.part(
        texts("26", None, None, None, None),
        texts("Bourgogne", "franche comte", "Bourgondy", None, None),
        pa.array([1, 2, 3, 3507, None], pa.int32()),
    )
    assert found.to_pylist() == ["26", "43", None, "#3507", "all"]


@pytest.mark.parametrize(
    ("jobs", "jobs_adjusted", "payroll", "payroll_adjusted", "doubt"),
    [
        (100, 100, 1000, 10_000, True),
        (100, 100, 1000, 300, True),
        (100, 1000, 1000, 1000, True),
        (100, 110, 1000, 1450, False),
        (2, 6, 1000, 1000, False),
        (0, 0, 0, 0, False),
        (100, None, 1000, None, False),
        (None, None, None, None, False),
    ],
)
def test_figures_far_apart_are_in_doubt(
    jobs: int, jobs_adjusted: int, payroll: int, payroll_adjusted: int, doubt: bool
) -> None:
    found = transform.in_doubt(*map(numbers, (jobs, jobs_adjusted, payroll, payroll_adjusted)))
    assert found.to_pylist() == [doubt]


def test_a_zone_outside_its_region_is_flagged_and_one_that_spans_two_is_not() -> None:
    found = transform.misplaced(
        texts("4404", "4404", "0060", "0060", "0060", None), texts("44", "27", "24", "27", "44", "44")
    )
    assert found.to_pylist() == [False, True, False, False, True, False]


@needs_data
def test_the_real_file_is_clean_and_its_zones_have_parts() -> None:
    """32,608 records of 29,986 zones, regions and quarters; of 2,528 only ID tells the two or three parts apart."""
    records = rows()
    column = {name: [row[name] for row in records] for name in records[0]}
    zone, region = transform.zone(texts(*column["code_zone_d_emploi"])), transform.region(texts(*column["code_region"]))
    zone_text, region_text = texts(*column["zone_d_emploi"]), texts(*column["region"])
    figures = [numbers(*map(int, column[name])) for name in list(records[0])[-4:]]
    assert transform.zone_name(zone, zone_text).equals(zone_text)
    assert transform.region_name(region, region_text).equals(region_text)
    assert not any(pc.any(flag).as_py() for flag in (transform.in_doubt(*figures), transform.misplaced(zone, region)))
    keys = Counter(zip(zone.to_pylist(), region.to_pylist(), column["date"], strict=True))
    assert (len(records), len(keys), sum(count > 1 for count in keys.values())) == (32_608, 29_986, 2_528)
    assert len(set(column["ID"])) == 32_608
