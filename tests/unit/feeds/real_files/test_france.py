"""The real files of hospital and employment, read and cleaned as a whole: what is refused and why, which keys stay."""

from collections import Counter
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import pytest

from millrace.contract.contract import load_contract
from producer.files.file_check import check_file
from producer.files.spool import Spooled
from tests.unit.spark.records import cleaned, event, reasons, rows, sample

DATA = Path(__file__).parents[5] / "shared" / "data"
FIRST = "hospital/spf_covid_hospit_2020-03-22_first.csv"
APRIL = "hospital/donnees-hospitalieres-covid19-2020-04-23-19h00.csv"
CLEANED = "hospital/data_sante_clean.csv"
ZONES = "employment/data_emploie_clean.csv"
EMPTY = ("department", "is required and empty")
needs_data = pytest.mark.skipif(not DATA.exists(), reason="the real slices are not on this machine (../shared/data)")


class Slice(NamedTuple):
    """What must become of a file: its records, the keys among them, refusals by reason, when it was published."""

    records: int
    keys: int
    refused: dict[tuple[str, str], int]
    published: date


SLICES = {
    FIRST: Slice(1_515, 1_515, {}, date(2020, 3, 22)),
    APRIL: Slice(11_214, 11_211, {EMPTY: 3}, date(2020, 4, 23)),
    CLEANED: Slice(71_205, 2_673, {EMPTY: 1_410}, date(2021, 11, 30)),
    ZONES: Slice(32_608, 32_608, {}, date(2021, 6, 30)),
}


@cache
def read(name: str) -> list[dict[str, Any]]:
    """The cleaned rows of a file, as the producer sends it and Spark cleans it."""
    path = DATA / name
    contract = load_contract(path.parent.name)
    checked = check_file(contract, Spooled(path, path.name, "", path.stat().st_size))
    encode = checked.reading.encoder(contract.feed, 1, checked.given, "file")
    found: list[dict[str, Any]] = cleaned(
        contract, [encode(record) for record in checked.reading.records()]
    ).to_pylist()
    return found


@pytest.mark.bulk
@needs_data
@pytest.mark.parametrize("name", SLICES)
def test_every_record_is_a_key_or_a_newer_version_or_refused_with_its_reason(name: str) -> None:
    expected, found = SLICES[name], read(name)
    contract = load_contract(Path(name).parent.name)
    why = [orjson.loads(row["reasons"]) for row in found if row["reasons"]]
    good = [row for row in found if not row["reasons"]]
    assert len(found) == expected.records
    assert Counter((r["column"], r["reason"]) for row in why for r in row) == expected.refused
    assert len(good) == expected.records - sum(expected.refused.values())
    assert len({tuple(row[key] for key in contract.key) for row in good}) == expected.keys
    assert {row["version_on"] for row in good} == {expected.published}
    assert {row["extra"] for row in found} == {None}


@needs_data
def test_the_publishers_next_file_has_every_key_of_the_one_before() -> None:
    keys = [{(r["department"], r["sex"], r["day"]) for r in read(name) if not r["reasons"]} for name in (FIRST, APRIL)]
    assert (keys[0] <= keys[1], len(keys[1] - keys[0])) == (True, 9_696)


@pytest.mark.bulk
@needs_data
def test_a_month_is_its_last_row() -> None:
    """Ain, March 2021: 18 rows, the last with 152 patients in hospital and 560 dead."""
    march = [r for r in read(CLEANED) if (r["department"], r["sex"], r["day"]) == ("01", 0, date(2021, 3, 31))]
    assert len(march) == 18
    assert (march[-1]["hospitalised"], march[-1]["deaths"]) == (152, 560)
    assert max(march, key=lambda row: row["row_no"]) is march[-1]


@pytest.mark.bulk
@needs_data
def test_no_zone_of_the_real_file_is_flagged() -> None:
    assert (
        Counter(
            flag for row in read(ZONES) for flag in ("is_name_repaired", "is_misplaced", "is_in_doubt") if row[flag]
        )
        == {}
    )


def test_three_forms_of_a_date_in_one_file_are_one_day() -> None:
    contract = load_contract("hospital")
    forms = ("2021-03-31", "31/03/2021", "032021", "32021")
    found = rows(contract, [event(contract, sample(contract)[0] | {"jour": form}) for form in forms])
    assert [(row.day, row.reasons) for row in found] == [(date(2021, 3, 31), None)] * 4


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"dep": ""}, ("department", "is required and empty")),
        ({"dep": "20"}, ("department", f"does not match {load_contract('hospital').columns[0].pattern}")),
        ({"code_region": "11"}, ("region_code", "is not the region the department lies in")),
        ({"jour": "43909"}, ("version_on", "cannot be told: the day is not between 1900 and 2999")),
        ({"jour": "132021"}, ("day", "is no date of the form yyyy-MM-dd or dd/MM/yyyy or Myyyy")),
        ({"hosp": "NA"}, ("hospitalised", "is required and empty")),
        ({"hosp": "12.5"}, ("hospitalised", "is not a whole number")),
        ({"sexe": "3"}, ("sex", "is above 2")),
    ],
)
def test_a_hospital_record_that_cannot_be_is_refused(changed: dict[str, str], reason: tuple[str, str]) -> None:
    contract = load_contract("hospital")
    (row,) = rows(contract, [event(contract, sample(contract)[0] | changed)])
    assert reasons(row) == [reason]


@pytest.mark.parametrize(
    ("changed", "column"),
    [
        ({"zone_d_emploi": "Paris"}, "zone_name"),
        ({"code_zone_d_emploi": "9998", "zone_d_emploi": "VallvDe"}, "zone_name"),
        ({"region": "Bretagne"}, "region_name"),
        ({"code_region": "99", "region": "Nowhere"}, "region_name"),
        ({"ancienne_region": "Bourgondy"}, "part"),
        ({"trimestre": "2"}, "quarter"),
        ({"dernier_jour_du_trimestre": "042021"}, "quarter"),
    ],
)
def test_an_employment_record_that_contradicts_itself_is_refused(changed: dict[str, str], column: str) -> None:
    contract = load_contract("employment")
    (row,) = rows(contract, [event(contract, sample(contract)[0] | changed)])
    assert column in {name for name, _ in reasons(row)}
    assert {name for name, _ in reasons(row)} <= {column, "version_on"}


def test_records_with_nothing_in_several_columns_keep_their_own_reasons() -> None:
    contract = load_contract("employment")
    good = sample(contract)[0]
    bare = {name: text for name, text in good.items() if name.startswith(("effectifs", "masse"))}
    found = rows(contract, [event(contract, record) for record in (bare, good, good | {"region": "Bretagne"})])
    assert found[1].reasons is None
    assert reasons(found[2]) == [("region_name", "is damaged beyond repair, or another region's than the code says")]
