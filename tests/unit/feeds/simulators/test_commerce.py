"""The simulators of procurement, sales and shares: repeatable, plausible, in the columns of their contracts."""

from collections import Counter, defaultdict
from datetime import datetime
from decimal import Decimal
from itertools import islice
from types import ModuleType

import pytest

from feeds.procurement import simulator as procurement
from feeds.sales import simulator as sales
from feeds.shares import simulator as shares
from millrace.contract.contract import load_contract

SIMULATORS = [procurement, sales, shares]
SEED = 7


def first(module: ModuleType, number: int, after: int = 0) -> list[dict[str, str]]:
    return list(islice(module.records(SEED, after), number))


@pytest.mark.parametrize("module", SIMULATORS, ids=lambda module: module.FEED)
@pytest.mark.parametrize("after", [0, 1, 6, 169, 170, 171, 1439, 1440, 1441, 2801])
def test_a_record_depends_on_its_number_alone(module: ModuleType, after: int) -> None:
    assert first(module, 20, after) == first(module, after + 20)[after:]


@pytest.mark.parametrize("module", SIMULATORS, ids=lambda module: module.FEED)
def test_another_seed_gives_other_records_in_the_same_columns(module: ModuleType) -> None:
    one, other = first(module, 50), list(islice(module.records(SEED + 1), 50))
    assert one != other
    known = {header for column in load_contract(module.FEED).columns for header in column.headers}
    assert {tuple(record) for record in (*one, *other)} == {tuple(one[0])}
    assert set(one[0]) <= known


def test_a_week_of_the_shop_has_its_rhythm() -> None:
    lines = first(sales, sum(sales.LINES))
    moments = [datetime.fromisoformat(line["InvoiceDate"]) for line in lines]
    assert moments == sorted(moments)
    assert Counter(moment.weekday() for moment in moments) == dict(enumerate(sales.LINES))
    by_hour = Counter(moment.hour for moment in moments)
    assert set(by_hour) <= set(sales.HOURS)
    assert by_hour[12] > by_hour[9]


def test_cancellations_take_back_what_was_sold_before() -> None:
    lines = first(sales, 20_000)
    sold = defaultdict(set)
    cancelled = 0
    for line in lines:
        thing = (line["StockCode"], line["UnitPrice"], line["CustomerID"], line["Country"])
        if line["InvoiceNo"].startswith("C"):
            cancelled += 1
            assert -int(line["Quantity"]) in sold[thing], line
        else:
            assert int(line["Quantity"]) > 0
            sold[thing].add(int(line["Quantity"]))
    assert 200 < cancelled < 800


def test_an_invoice_is_one_customer_one_region_one_time() -> None:
    heads = defaultdict(set)
    for line in first(sales, 5_000):
        heads[line["InvoiceNo"]].add((line["InvoiceDate"], line["CustomerID"], line["Country"]))
    assert all(len(found) == 1 for found in heads.values())
    assert 800 < len(heads) < 3_000


def test_simulated_contracts_say_so_and_have_every_kind_of_damage() -> None:
    records = first(procurement, 5_000)
    assert all("simul" in record["nomAcheteur"] for record in records)
    amounts = Counter(record["Montant"] for record in records)
    assert amounts["0.01"] > 0
    assert amounts["9999999.0"] + amounts["9.9999999E7"] + amounts["3.9999996E7"] > 0
    assert any("E+15" in record["id"] for record in records)
    assert any("\ufffd" in record["nomAcheteur"] for record in records)
    assert any(not record["Latitude Acheteur"] for record in records)
    assert all(bool(record["distanceAcheteurEtablissement"]) == has_positions(record) for record in records)


def has_positions(record: dict[str, str]) -> bool:
    return bool(record["Latitude Acheteur"] and record["Latitude Etablissement"])


def test_simulated_contracts_are_published_on_working_days() -> None:
    days = [procurement.day_of(number) for number in range(0, 6 * procurement.PER_DAY, procurement.PER_DAY)]
    assert [day.isoweekday() for day in days] == [1, 2, 3, 4, 5, 1]


def test_prices_stay_near_their_middle_and_volumes_grow() -> None:
    quotes = [quote for quote in first(shares, 2_000) if quote["symbol"] == "MILL"]
    assert all(abs(Decimal(quote["price"]) / Decimal("141.04") - 1) < Decimal("0.09") for quote in quotes)
    assert all(quote["change"][0] in "+-" for quote in quotes)
    volumes = [int(quote["volume"].replace(",", "")) for quote in quotes]
    assert volumes == sorted(volumes)
