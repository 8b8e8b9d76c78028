"""Public contracts in the forms that publishers give the regulation."""

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from millrace.contract.contract import load_contract
from producer.files.json_file import JsonFile
from tests.unit.spark.records import event, rows

CASE = Path(__file__).parents[4] / "shared" / "cases" / "A1-decp-2022.json"


def stored(document: Any, folder: Path) -> list[SimpleNamespace]:
    """The rows of a JSON document."""
    contract, file = load_contract("procurement"), folder / "x.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    reading = JsonFile(contract, file, file.name, lines=False)
    return rows(contract, [event(contract, reading.texts(record), record.row) for record in reading.records()])


def test_the_form_of_the_decree_of_2022_is_read(tmp_path: Path) -> None:
    if not CASE.is_file():
        pytest.skip("the cases are not on this machine (../shared/cases)")
    document = json.loads(CASE.read_text(encoding="utf-8"))
    found = stored(document, tmp_path)
    assert [row.reasons for row in found] == [None] * 5
    assert [row.type for row in found] == ["Marché"] * 4 + ["Contrat de concession"]
    assert [row.supplier_id for row in found] == [*(f"3900000000000{n}" for n in range(1, 5)), "39000000009999"]
    assert {row.supplier_id_type for row in found} == {"SIRET"}
    assert sum(row.amount for row in found) == Decimal("260005.00")
    assert "titulaires.1.titulaire.id" in found[0].extra


ONE = {
    "id": "1",
    "montant": 5,
    "dateNotification": "2019-02-20+01:00",
    "datePublicationDonnees": "NC",
    "dureeMois": "NC",
}
SUPPLIER = {"id": "39", "typeIdentifiant": "SIRET"}


@pytest.mark.parametrize(
    "suppliers",
    [
        [SUPPLIER],
        SUPPLIER,
        [{"titulaire": SUPPLIER}],
        {"titulaire": [SUPPLIER]},
        {"titulaire": SUPPLIER},
    ],
    ids=["list", "one", "wrapped", "named list", "wrapped one"],
)
@pytest.mark.parametrize("wrap", [lambda one: [one], lambda one: one], ids=["list", "one"])
def test_one_object_may_stand_in_place_of_a_list(wrap: Callable[[Any], Any], suppliers: Any, tmp_path: Path) -> None:
    (row,) = stored({"marches": {"marche": wrap({**ONE, "titulaires": suppliers})}}, tmp_path)
    assert (row.reasons, row.type, row.supplier_id, row.supplier_id_type) == (None, "Marché", "39", "SIRET")
    assert (row.notified_on, row.published_on, row.duration_months) == (date(2019, 2, 20), None, None)


def test_a_concession_needs_no_type_of_its_own(tmp_path: Path) -> None:
    one = {**ONE, "montant": None, "valeurGlobale": 7, "concessionnaires": [{"concessionnaire": SUPPLIER}]}
    (row,) = stored({"marches": {"contrat-concession": [one]}}, tmp_path)
    assert (row.reasons, row.type, row.supplier_id, row.amount) == (None, "Contrat de concession", "39", 7)


@pytest.mark.parametrize(
    ("day", "flag"),
    [
        (date(218, 3, 1), "odd_date"),
        (date(1989, 12, 31), "odd_date"),
        (date(1990, 1, 1), ""),
        (date(2099, 12, 31), ""),
        (date(2100, 1, 1), "odd_date"),
    ],
)
def test_a_day_that_cannot_be_is_flagged(day: date, flag: str, tmp_path: Path) -> None:
    one = {**ONE, "codeCPV": None, "titulaires": []}
    (notified,) = stored({"marches": [{**one, "_type": "Marché", "dateNotification": day.isoformat()}]}, tmp_path)
    published = {"_type": "Marché", "dateNotification": None, "datePublicationDonnees": day.isoformat()}
    (only_published,) = stored({"marches": [{**one, **published}]}, tmp_path)
    assert (notified.flags, only_published.flags) == (flag, flag)
