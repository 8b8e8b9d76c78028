"""A table with rows keeps its key: under another one, rows that are there would be one and the same."""

from typing import Any

import pytest
from sqlalchemy import create_engine

from millrace.contract.contract import Contract
from millrace.errors import Refused
from sql.evolve import plan
from sql.evolve.compare import TableChange
from sql.schema.feed_tables import fact_table

COLUMNS = [
    {"from": name.title(), "name": name, "type": "int", "required": True, "comment": name} for name in ("house", "day")
]


def contract(*key: str, columns: list[dict[str, Any]] | None = None) -> Contract:
    """An upsert feed of that key, or without one an append feed."""
    words = {"feed": "meter", "title": "Meters", "description": "Readings of meters", "family": "toy"}
    mode = {"mode": "upsert", "key": list(key), "newest_by": "day"} if key else {"mode": "append"}
    return Contract.model_validate(words | mode | {"columns": columns or COLUMNS})


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        pytest.param(contract("house"), contract("day"), "kept by house, and the contract wants day;", id="another"),
        pytest.param(contract("house"), contract("house", "day"), "the contract wants house, day;", id="one more"),
        pytest.param(contract("house", "day"), contract("house"), "kept by house, day, and the", id="one less"),
        pytest.param(contract("house", "day"), contract("day", "house"), "wants day, house;", id="another order"),
        pytest.param(contract("house"), contract(), "the contract wants source_id, row_no;", id="none"),
        pytest.param(contract(), contract("house"), "kept by source_id, row_no, and", id="one at all"),
    ],
)
def test_another_key_is_refused_where_there_are_rows(
    monkeypatch: pytest.MonkeyPatch, before: Contract, after: Contract, words: str
) -> None:
    is_there, wanted = fact_table(before), fact_table(after)
    key = tuple(column.name for column in is_there.primary_key.columns)
    facts = TableChange(wanted, tuple(column.name for column in is_there.columns), key)
    monkeypatch.setattr(plan, "compare", lambda *_asked: [facts])
    monkeypatch.setattr(plan, "has_row", lambda *_asked: True)
    document = before.model_dump(mode="json", by_alias=True)
    with create_engine("sqlite://").connect() as nothing_is_asked, pytest.raises(Refused, match=words):
        plan.make_plan(nothing_is_asked, after, document)


def test_the_same_key_under_its_new_name_is_the_same() -> None:
    house, day = COLUMNS
    renamed = contract("home", columns=[house | {"name": "home", "was": "house"}, day])
    change = TableChange(fact_table(renamed), ("house", "day"), ("house",), renamed={"house": "home"})
    assert not change.is_rekeyed
    assert TableChange(fact_table(renamed), ("house", "day"), ("house",)).is_rekeyed
