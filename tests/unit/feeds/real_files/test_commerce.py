"""The real files of procurement and sales, read as the producer reads them and cleaned as the stream cleans them."""

import csv
import io
import json
import tarfile
from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from millrace.contract.contract import load_contract
from millrace.feed_names import FOLDER
from millrace.record.event import EventWriter
from producer.files.file_check import open_file
from producer.files.spool import spool
from tests import commerce_figures as figures
from tests.unit.spark.records import cleaned, event, reasons, rows

REAL = Path(__file__).parents[5] / "shared" / "data"
PROCUREMENT = REAL / "procurement"
SALES = REAL / "sales" / "online_retail_by_day.tar.gz"
needs_data = pytest.mark.skipif(not REAL.exists(), reason="the real slices are not on this machine (../shared/data)")
BATCH = 20_000


def cleaned_events(feed: str, events: Iterable[bytes], columns: list[str]) -> pa.Table:
    """These columns of every event's row, and `reasons`."""
    contract, left = load_contract(feed), iter(events)
    names = [*columns, "reasons"]
    batches = []
    while batch := list(islice(left, BATCH)):
        found = cleaned(contract, batch)
        batches.append({name: _plain(found[name]) for name in names})
    return pa.concat_tables([pa.table(batch) for batch in batches])


def _plain(column: pa.Array) -> pa.Array:
    return column.dictionary_decode() if isinstance(column, pa.DictionaryArray) else column


def events_of(feed: str, file: Path, folder: Path) -> Iterator[bytes]:
    """A file's events, as `make send` makes them."""
    reading = open_file(load_contract(feed), spool(file, folder))
    encode = reading.encoder(feed, 4711, {}, "file")
    return (encode(record) for record in reading.records())


def flags_in(table: pa.Table) -> Counter[str]:
    """How many rows have each flag."""
    return Counter(flag for flags in table["flags"].to_pylist() for flag in flags.split(",") if flag)


@pytest.mark.full
@needs_data
def test_the_real_csv_of_contracts_loads_whole(tmp_path: Path) -> None:
    wanted = ["flags", "counted_amount", "distance_km", "contract_id", "nature"]
    found = cleaned_events(
        "procurement", events_of("procurement", PROCUREMENT / "data_finance_clean.csv.gz", tmp_path), wanted
    )
    assert (found.num_rows, found["reasons"].null_count) == (figures.CONTRACTS_IN_CSV,) * 2, "none is refused"
    assert flags_in(found) == figures.FLAGS_IN_CSV
    assert found["contract_id"].null_count == 2
    assert found["distance_km"].null_count == 15_432
    assert found["nature"].null_count == 0
    assert pc.sum(found["counted_amount"]).as_py() == figures.AMOUNT_IN_CSV


@needs_data
def test_the_real_json_of_contracts_loads_whole(tmp_path: Path) -> None:
    wanted = ["flags", "lost_characters", "extra", "type", "nature", "supplier_id", "dated_on", "cpv_code"]
    found = cleaned_events(
        "procurement", events_of("procurement", PROCUREMENT / "decp_aife_2019-04-04.json.gz", tmp_path), wanted
    )
    assert (found.num_rows, found["reasons"].null_count) == (figures.CONTRACTS_IN_JSON,) * 2, "none is refused"
    in_extra = sum(text.count("\ufffd") for text in found["extra"].to_pylist() if text)
    assert pc.sum(found["lost_characters"]).as_py() + in_extra == figures.LOST_IN_JSON
    assert flags_in(found) == figures.FLAGS_IN_JSON
    assert found["dated_on"].null_count == 2_493
    assert found["cpv_code"].null_count == 29
    assert found["supplier_id"].null_count == 6
    assert Counter(found["type"].to_pylist()) == {"Marché": 4_508, "Contrat de concession": 22}


def test_both_shapes_of_json_fill_the_same_columns(tmp_path: Path) -> None:
    contract = load_contract("procurement")
    file = FOLDER / "procurement" / "sample.json"
    concession = next(
        row
        for row in rows(contract, list(events_of("procurement", file, tmp_path)))
        if row.type == "Contrat de concession"
    )
    assert concession.reasons is None
    named = (concession.buyer_name, concession.supplier_name, concession.notified_on, concession.amount)
    assert all(value is not None for value in named)
    assert "donneesExecution.0.tarifs.0.tarif" in json.loads(concession.extra)


SPELLINGS = [
    {"type": "Marché", "natureObjet": "Travaux", "Montant": "0.01", "datePublicationDonnees": "09/03/2021"},
    {"type": "Marché", "natureObjetMarche": "Travaux", "Montant": "1.0E-2", "datePublicationDonnees": "2021-03-09"},
    {"_type": "Marché", "codeCPV": "45000000", "montant": "0.010", "dateNotification": "2021-03-09"},
    {"_type": "Marché", "codeCPV": "45112000-5", "valeurGlobale": "0.01", "dateSignature": "2021-03-09"},
]


@pytest.mark.parametrize("spelling", SPELLINGS, ids=["text", "exponent", "contract", "concession"])
def test_every_spelling_of_a_contract_is_the_same_contract(spelling: dict[str, str]) -> None:
    contract = load_contract("procurement")
    (found,) = rows(contract, [event(contract, spelling | {"id": "2,0211E+15"})])
    assert (found.reasons, found.nature, found.amount) == (None, "Travaux", Decimal("0.01"))
    assert found.dated_on.isoformat() == "2021-03-09"
    assert (found.contract_id, found.id_as_published) == (None, "2,0211E+15")
    assert (found.flags, found.counted_amount) == ("damaged_id,token_amount", None)


@pytest.mark.parametrize(
    ("column", "text", "reason"),
    [
        ("Montant", "", ("amount", "is required and empty")),
        ("Montant", "sur devis", ("amount", "is not a number")),
        ("Montant", "2,0211E+15", ("amount", "is not a number")),
        ("Montant", "1.234", ("amount", "has more than 16 digits before or 2 behind the point")),
        ("Montant", "9E99", ("amount", "has more than 16 digits before or 2 behind the point")),
        ("type", "March\ufffd", ("type", "is none of Marché, Contrat de concession")),
        ("Latitude Acheteur", "96.0", ("buyer_latitude", "is above 90")),
        ("Longitude Etablissement", "-181", ("supplier_longitude", "is below -180")),
        (
            "datePublicationDonnees",
            "30/02/2021",
            ("published_on", "is no date of the form dd/MM/yyyy or yyyy-MM-dd or yyyy-MM-ddXXX"),
        ),
        ("date", "132021", ("published_month", "is no date of the form Myyyy")),
        ("categorieEtablissement", "TPE", ("supplier_size", "is none of PME, ETI, GE, NC")),
        ("distanceAcheteurEtablissement", "-1", ("published_distance_km", "is below 0")),
    ],
)
def test_a_contract_that_does_not_fit_is_refused(column: str, text: str, reason: tuple[str, str]) -> None:
    contract = load_contract("procurement")
    with (FOLDER / "procurement" / "sample.csv").open(encoding="utf-8", newline="") as file:
        good = next(csv.DictReader(file))
    (found,) = rows(contract, [event(contract, good | {column: text})])
    assert reasons(found) == [reason]


def sale_events() -> Iterator[bytes]:
    """The events of the real files of December 2010; tests/lab sends all 305."""
    with tarfile.open(SALES) as archive:
        for member in sorted(archive, key=lambda member: member.name):
            if "2010-12" in member.name and (content := archive.extractfile(member)):
                lines = csv.reader(io.TextIOWrapper(content, encoding="utf-8", newline=""))
                writer = EventWriter("sales", 4711, next(lines))
                yield from (writer.encode(row, fields) for row, fields in enumerate(lines, start=1))


@pytest.mark.bulk
@needs_data
def test_the_real_files_of_sales_load_whole() -> None:
    found = cleaned_events("sales", sale_events(), ["amount", "is_cancelled", "is_charge", "customer_id", "product"])
    assert (found.num_rows, found["reasons"].null_count) == (42_481, 42_481), "none is refused"
    assert pc.sum(found["amount"]).as_py() == Decimal("748957.020")
    assert pc.sum(found["is_cancelled"]).as_py() == 728
    assert found["customer_id"].null_count == 15_631
    assert found["product"].null_count == 0


@pytest.mark.parametrize(
    ("column", "text", "reason"),
    [
        ("Quantity", "6.5", ("quantity", "is not a whole number")),
        ("Quantity", "", ("quantity", "is required and empty")),
        ("UnitPrice", "2.5555", ("unit_price", "has more than 9 digits before or 3 behind the point")),
        ("CustomerID", "13995.5", ("customer_id", "is not a whole number")),
        (
            "InvoiceDate",
            "31/12/2010 08:26",
            ("sold_at", "is no date and time of the form yyyy-MM-dd HH:mm:ss or M/d/yyyy H:mm"),
        ),
        ("Country", " ", ("region", "is required and empty")),
    ],
)
def test_a_sale_that_does_not_fit_is_refused(column: str, text: str, reason: tuple[str, str]) -> None:
    contract = load_contract("sales")
    with (FOLDER / "sales" / "sample.csv").open(encoding="utf-8", newline="") as file:
        good = next(csv.DictReader(file))
    (found,) = rows(contract, [event(contract, good | {column: text})])
    assert reasons(found) == [reason]


def test_equal_lines_are_rows_of_their_own_and_amounts_follow() -> None:
    contract = load_contract("sales")
    line = {"InvoiceNo": "C1", "StockCode": "POST", "Quantity": "-3", "UnitPrice": "2.080", "Country": "France"}
    line |= {"InvoiceDate": "12/1/2010 8:26", "CustomerID": "13995.0", "Description": ""}
    one, other = rows(contract, [event(contract, line, 1), event(contract, line, 2)])
    assert (one.row_no, other.row_no) == (1, 2)
    assert (one.amount, one.is_cancelled, one.is_charge) == (Decimal("-6.240"), True, True)
    assert (one.customer_id, one.product, one.description) == (13995, "POST", None)


def test_a_quote_as_the_market_prints_it() -> None:
    contract = load_contract("shares")
    quote = dict(zip(("symbol", "price", "change", "volume"), ["AAPL", "141.04", "+0.71", "142,981"], strict=True))
    found, broken = rows(contract, [event(contract, quote), event(contract, quote | {"volume": "14,29"})])
    assert (found.reasons, found.symbol, found.price) == (None, "AAPL", Decimal("141.0400"))
    assert (found.price_change, found.volume) == (Decimal("0.7100"), 142_981)
    assert reasons(broken) == [("volume", "is not a whole number")]
