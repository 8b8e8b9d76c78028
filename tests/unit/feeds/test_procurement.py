"""Public contracts: damaged numbers and ids, doubtful amounts, distances, flags, on made-up and on real records."""

import csv
import gzip
import json
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from feeds.procurement import transform
from millrace.contract.contract import load_contract
from millrace.feed_names import FOLDER
from tests import commerce_figures as figures

REAL = Path(__file__).parents[4] / "shared" / "data" / "procurement"
needs_data = pytest.mark.skipif(not REAL.exists(), reason="the real slices are not on this machine (../shared/data)")
MONEY = pa.decimal128(18, 2)


def texts(*values: str | None) -> pa.StringArray:
    return pa.array(values, pa.string())


def money(*values: str | None) -> pa.Decimal128Array:
    return pa.array([value and Decimal(value) for value in values], MONEY)


def days(*values: date | None) -> pa.Date32Array:
    return pa.array(values, pa.date32())


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("9.99999999E8", "999999999"),
        ("1.2E7", "12000000"),
        ("9.9999999999999E13", "99999999999999"),
        ("1.5E-4", "0.00015"),
        ("1.50e+1", "15.0"),
        ("0.0E0", "0.0"),
        ("-3.5E1", "-35"),
        ("+1.5E3", "1500"),
        ("9999999999999999999.99999999999999999999E19", "99999999999999999999999999999999999999.9"),
        ("1.00000000000000000001E-9", "0.00000000100000000000000000001"),
        ("19605.32", "19605.32"),
        ("200.0", "200.0"),
        ("2,0211E+15", "2,0211E+15"),
        ("1E300", "1E300"),
        ("E7", "E7"),
        (None, None),
    ],
)
def test_an_exponent_is_written_out(written: str | None, plain: str | None) -> None:
    assert transform.plain_number(texts(written, "7")).to_pylist() == [plain, "7"]


@pytest.mark.parametrize(
    ("published", "usable"),
    [
        ("2,0211E+15", None),
        ("2.021e+103", None),
        ("1.7976931348623157e+308", None),
        ("2E+15", None),
        ("20202020S1", "20202020S1"),
        ("201919.003.0000", "201919.003.0000"),
        ("2019E12", "2019E12"),
        ("20191E+15", "20191E+15"),
        (None, None),
    ],
)
def test_an_id_that_a_spreadsheet_rounded_identifies_nothing(published: str | None, usable: str | None) -> None:
    assert transform.usable_id(texts(published)).to_pylist() == [usable]


@pytest.mark.parametrize(
    ("published", "code", "nature"),
    [
        ("79100000", "79100000", "Services"),
        ("9132100", "09132100", "Fournitures"),
        ("45000000-7", "45000000", "Travaux"),
        ("48000000", "48000000", "Fournitures"),
        ("44000000", "44000000", "Fournitures"),
        ("50000000", "50000000", "Services"),
        ("9132100-5", "09132100", "Fournitures"),
        ("03000000", "03000000", "Fournitures"),
        ("98000000", "98000000", "Services"),
        ("01000000", "01000000", None),
        ("99999999", "99999999", None),
        ("0", None, None),
        ("7910", None, None),
        ("791000001", None, None),
        (None, None, None),
    ],
)
def test_a_cpv_code_has_eight_digits_and_tells_the_nature(
    published: str | None, code: str | None, nature: str | None
) -> None:
    assert transform.cpv_code(texts(published)).to_pylist() == [code]
    assert transform.nature(texts(None, "Travaux"), texts(published, published)).to_pylist() == [nature, "Travaux"]


@pytest.mark.parametrize(
    ("amount", "doubt"),
    [
        ("-0.01", "negative_amount"),
        ("0", "token_amount"),
        ("0.01", "token_amount"),
        ("1", "token_amount"),
        ("1.01", None),
        ("999999", None),
        ("8999999", None),
        ("9999999", "filler_amount"),
        ("9999999.99", "filler_amount"),
        ("39999996", "filler_amount"),
        ("399999999996", "filler_amount"),
        ("12999999.50", None),
        ("999999998.99", "filler_amount"),
        ("987654321", None),
        ("1000000000", "huge_amount"),
        ("56471386016", "huge_amount"),
    ],
)
def test_an_amount_that_is_none_does_not_count(amount: str, doubt: str | None) -> None:
    assert transform.counted_amount(money(amount)).to_pylist() == [None if doubt else Decimal(amount)]
    flags = transform.flags(texts("1"), money(amount), texts(None), *[days(date(2021, 3, 1))] * 3, texts("a"))
    assert flags.to_pylist() == [doubt or ""]


def test_a_missing_amount_neither_counts_nor_is_flagged() -> None:
    assert transform.counted_amount(money(None)).to_pylist() == [None]
    assert transform.flags(texts("1"), money(None), texts(None), *[days(date(2021, 3, 1))] * 3).to_pylist() == [""]


def test_flags_stand_in_a_fixed_order_and_every_row_has_some_text() -> None:
    none, day = days(*[None] * 5), days(None, date(2021, 3, 9), None, date(2021, 3, 9), date(2021, 3, 9))
    flags = transform.flags(
        texts("2,0211E+15", None, "1", "2", "3"),
        money("0.01", "5", "5", "5", "5"),
        texts("0", "9132100", None, None, "9132100-5"),
        none,
        day,
        none,
        texts("a\ufffd", None, None, None, None),
    )
    assert flags.to_pylist() == [
        "damaged_id,token_amount,bad_cpv,no_date,lost_characters",
        "no_id,short_cpv",
        "no_date",
        "",
        "short_cpv",
    ]


def test_every_flag_is_explained_in_the_schema() -> None:
    exclusive = [
        ("damaged_id", "no_id"),
        ("negative_amount", "token_amount", "filler_amount", "huge_amount"),
        ("bad_cpv", "short_cpv"),
        ("no_date", "odd_date"),
        ("lost_characters",),
    ]
    source = Path(transform.__file__).read_text(encoding="utf-8")
    scripts = (FOLDER.parent / "sql" / "migrations").glob("*_procurement_*.sql")
    explained = "".join(script.read_text(encoding="utf-8") for script in scripts)
    assert all(f'"{flag}"' in source and f"('{flag}', " in explained for flags in exclusive for flag in flags)
    assert sum(1 + max(map(len, flags)) for flags in exclusive) <= 120, "flags is a varchar(120)"


def test_destroyed_characters_are_counted_over_all_texts() -> None:
    counts = transform.lost_characters(texts("Soci\ufffdt\ufffd", None, "é"), texts("\ufffd", None, None))
    assert counts.to_pylist() == [3, 0, 0]
    assert counts.type == pa.int32()


def test_the_first_known_date_counts() -> None:
    notified = days(None, date(2020, 5, 6), None, date.min, date.max)
    published = days(date(2019, 2, 28), date(2021, 1, 1), None, None, None)
    found = transform.first_date(notified, published).to_pylist()
    assert found == [date(2019, 2, 28), date(2020, 5, 6), None, date.min, date.max]
    months = transform.first_month(notified, published).to_pylist()
    assert months == [date(2019, 2, 1), date(2020, 5, 1), None, date.min, date(9999, 12, 1)]


@pytest.mark.parametrize(
    ("here", "there", "kilometres"),
    [
        ((48.8566, 2.3522), (48.8566, 2.3522), "0.000"),
        ((48.8566, 2.3522), (43.2965, 5.3698), "660.480"),
        ((0.0, 0.0), (0.0, 180.0), "20015.115"),
        ((None, 2.3522), (43.2965, 5.3698), None),
    ],
)
def test_distance_is_along_the_sphere(here: Sequence[Any], there: Sequence[Any], kilometres: str | None) -> None:
    places = [pa.array([number], pa.float64()) for number in (*here, *there)]
    (found,) = transform.distance_km(*places).to_pylist()
    expected = None if kilometres is None else Decimal(kilometres)
    assert found == expected or abs(found - expected) < Decimal("0.01")


def real_csv() -> list[dict[str, str]]:
    with gzip.open(REAL / "data_finance_clean.csv.gz", "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.bulk
@needs_data
def test_what_is_doubtful_in_the_real_csv() -> None:
    records = real_csv()
    amounts = transform.plain_number(pa.array([record["Montant"] for record in records]))
    counted = transform.counted_amount(amounts.cast(MONEY))
    ids = pa.array([record["id"] for record in records])
    assert len(records) == figures.CONTRACTS_IN_CSV
    assert sum(text != record["Montant"] for text, record in zip(amounts.to_pylist(), records, strict=True)) == 2_201
    assert transform.usable_id(ids).null_count == 2
    assert counted.null_count == 1_592
    assert sum("\ufffd" in record["nomAcheteur"] for record in records) == 3_074


@needs_data
def test_the_published_distance_has_latitude_and_longitude_exchanged() -> None:
    names = ("Latitude Acheteur", "Longitude Acheteur", "Latitude Etablissement", "Longitude Etablissement")
    records = [record for record in real_csv()[::50] if record["distanceAcheteurEtablissement"]]
    north, east, other_north, other_east = (pa.array([float(record[name]) for record in records]) for name in names)
    published = [float(record["distanceAcheteurEtablissement"]) for record in records]
    exchanged = transform.distance_km(east, north, other_east, other_north).to_pylist()
    ours = transform.distance_km(north, east, other_north, other_east).to_pylist()
    assert max(abs(float(km) - stated) for km, stated in zip(exchanged, published, strict=True)) < 20
    assert sum(abs(float(km) - stated) > 20 for km, stated in zip(ours, published, strict=True)) > len(records) / 4


@needs_data
def test_destroyed_characters_of_the_real_json_are_all_found() -> None:
    with gzip.open(REAL / "decp_aife_2019-04-04.json.gz", "rt", encoding="utf-8") as file:
        text = file.read()
    known = {header for column in load_contract("procurement").columns for header in column.headers}
    assert len(json.loads(text)["marches"]) == figures.CONTRACTS_IN_JSON
    assert text.count("\ufffd") == figures.LOST_IN_JSON
    assert {"objet", "acheteur.nom", "autoriteConcedante.nom", "valeurGlobale", "concessionnaires.0.id"} <= known
