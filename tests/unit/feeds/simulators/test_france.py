"""The simulators of hospital and employment: the same again, from anywhere, and as the publishers would write."""

from collections import defaultdict
from datetime import date
from functools import cache
from itertools import islice
from types import ModuleType

import pytest

from feeds.employment import simulator as employment
from feeds.hospital import simulator as hospital
from millrace.contract.contract import load_contract

SEED = 2016
PLACES = 101
DAYS = 280


@pytest.mark.parametrize("simulator", [hospital, employment])
def test_a_record_depends_on_seed_and_number_only(simulator: ModuleType) -> None:
    records = list(islice(simulator.records(SEED), 3000))
    for after in (0, 1, 2, 317, 2222):
        assert list(islice(simulator.records(SEED, after), 5)) == records[after : after + 5]
    assert list(islice(simulator.records(SEED + 1), 3000)) != records


@pytest.mark.parametrize("simulator", [hospital, employment])
def test_headers_are_the_contracts_and_every_record_says_when_it_was_published(simulator: ModuleType) -> None:
    contract = load_contract(simulator.__name__.split(".")[1])
    known = {header for column in contract.columns for header in column.headers}
    for record in islice(simulator.records(SEED), 1000):
        assert set(record) <= known
        assert not contract.missing_headers(record)
        assert date.fromisoformat(record["@published"])


@cache
def epidemic() -> list[dict[str, str]]:
    return list(islice(hospital.records(SEED), 3 * PLACES * DAYS))


@pytest.mark.full
def test_an_epidemic_comes_in_waves_and_all_is_men_and_women() -> None:
    records = epidemic()
    country: dict[str, int] = defaultdict(int)
    for everybody, men, women in zip(records[::3], records[1::3], records[2::3], strict=True):
        assert [r["sexe"] for r in (everybody, men, women)] == ["0", "1", "2"]
        for name in ("hosp", "rea", "HospConv", "SSR_USLD", "autres", "rad", "dc"):
            assert int(everybody[name]) == int(men[name]) + int(women[name])
        country[everybody["jour"]] += int(everybody["hosp"])
    curve = list(country.values())
    tops = [day for day in range(7, DAYS - 7) if curve[day] == max(curve[day - 7 : day + 8]) and curve[day] > 5_000]
    assert len(curve) == DAYS
    assert 2 <= len(tops) <= 5
    assert max(curve) < 100_000


@pytest.mark.full
def test_patients_since_the_beginning_never_become_fewer() -> None:
    before: dict[tuple[str, str], tuple[int, int]] = {}
    for record in epidemic():
        key, totals = (record["dep"], record["sexe"]), (int(record["rad"]), int(record["dc"]))
        assert all(new >= old for new, old in zip(totals, before.get(key, (0, 0)), strict=True))
        before[key] = totals


def test_quarters_are_published_once_and_revised_once() -> None:
    size = 319
    records = list(islice(employment.records(SEED), 7 * size))
    blocks = [records[at : at + size] for at in range(0, len(records), size)]
    quarters = [{(r["annee"], r["trimestre"], r["@published"]) for r in block} for block in blocks]
    assert [(*next(iter(quarter)), len(quarter)) for quarter in quarters[:3]] == [
        ("2030", "1", "2030-06-24", 1),
        ("2030", "2", "2030-09-23", 1),
        ("2030", "1", "2030-09-23", 1),
    ]
    new, revised = blocks[3], blocks[6]
    assert (
        {r["dernier_jour_du_trimestre"] for r in new}
        == {"30/09/2030"}
        == {r["dernier_jour_du_trimestre"] for r in revised}
    )
    assert [r["effectifs_salaries_brut"] for r in new] == [r["effectifs_salaries_brut"] for r in revised]
    assert [r["effectifs_salaries_cvs"] for r in new] != [r["effectifs_salaries_cvs"] for r in revised]


def test_some_names_and_payrolls_are_damaged_and_most_are_not() -> None:
    records = list(islice(employment.records(SEED), 20_000))
    spoilt = [r for r in records if any(mark in r["region"] + r["zone_d_emploi"] for mark in ("Ã", "vD", "vV", "Vé"))]
    shifted = [r for r in records if int(r["masse_salariale_cvs"]) > 5 * int(r["masse_salariale_brut"])]
    assert 5 <= len(spoilt) <= 100
    assert 3 <= len(shifted) <= 40
