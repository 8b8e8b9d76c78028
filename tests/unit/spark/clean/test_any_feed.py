"""A good record of a shipped feed with any text in a column or two is loaded as the docs promise, or refused."""

import json
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from millrace.contract.column import MESSAGE, Column, Derived
from millrace.contract.contract import Contract, all_contracts
from tests.unit.spark.clean.comparison import Record, cleaned, differences, some
from tests.unit.spark.clean.generated.texts import text_for
from tests.unit.spark.clean.oracle.columns import Outcome, fitted, outcome
from tests.unit.spark.clean.oracle.derived import derived_by
from tests.unit.spark.clean.oracle.parse import parse_of
from tests.unit.spark.clean.oracle.undecided import UNDECIDED
from tests.unit.spark.records import sample

TEXTS, FEWEST = 500, 12
"""Texts per feed, whatever its number of columns; and how often each column gets one at least."""
OTHER_SHAPES: dict[str, list[Record]] = {
    "weather": [
        {"name": "Kyiv", "dt": "1661871600", "main.temp": "296.76", "wind.speed": "5.14", "weather.0.id": "500"},
        {"name": "Basra", "dt": "1661871600", "main.temp": "334.99", "wind.gust": "7.2", "weather.0.id": "800"},
        {"name": "Oslo", "dt": "1661871600", "main.temp": "-3.14", "snow.1h": "0.2", "rain.1h": "0.1"},
        {
            "location": "Paris",
            "date": "2022-12-09",
            "time": "1300",
            "tempC": "7",
            "weatherCode": "116",
            "precipMM": "0.3",
        },
    ],
}
"""Records as the feed's sample has none."""


@pytest.mark.parametrize("feed", sorted(all_contracts()))
def test_a_record_is_loaded_as_promised_or_refused(feed: str) -> None:
    contract = all_contracts()[feed]
    shapes = [sample(contract), *([shape] for shape in OTHER_SHAPES.get(feed, ()))]
    known = {
        c.name: sorted({record[h] for shape in shapes for record in shape for h in c.headers if h in record})
        for c in contract.columns
    }

    def edited(record: Record, column: Column, random: Random) -> Record:
        """The record with another text in that column, under one of its headers."""
        others = {name: text for name, text in record.items() if name not in column.headers}
        return others | {random.choice(column.headers): text_for(column, random, known[column.name])}

    @some(max(FEWEST, TEXTS // len(contract.columns)))
    @given(st.randoms(use_true_random=True))
    def check(random: Random) -> None:
        good = [random.choice(random.choice(shapes)) for _ in contract.columns]
        good = [edited(one, random.choice(contract.columns), random) if random.random() < 0.5 else one for one in good]
        records = [edited(one, column, random) for one, column in zip(good, contract.columns, strict=True)]
        wrong = []
        for column, record, row in zip(contract.columns, records, cleaned(contract, records, random), strict=True):
            if difference := differences(row, _expected(contract, record)):
                wrong.append(({name: record.get(name) for name in column.headers}, difference))
        assert wrong == []

    check()


def _expected(contract: Contract, record: Record) -> dict[str, Outcome]:
    """What becomes of each column."""
    texts = _with_message(contract, record)
    found = {c.name: outcome(c, texts, parse_of(contract.feed, c.parse)) for c in contract.columns}
    return found | {c.name: _derived(contract, c, [found[name] for name in c.of]) for c in contract.derived}


def _with_message(contract: Contract, record: Record) -> Record:
    """The whole record as JSON, where the contract asks for it and none was given."""
    if not contract.keeps_message or record.get(MESSAGE):
        return record
    whole = {header: text for header, text in record.items() if header != MESSAGE}
    return record | {MESSAGE: json.dumps(whole, ensure_ascii=False, separators=(",", ":"))}


def _derived(contract: Contract, column: Derived, sources: list[Outcome]) -> Outcome:
    """A computed column; one of a column that was refused gives no reason of its own, and its value does not matter."""
    if any(source.is_refused for source in sources):
        return Outcome(UNDECIDED)
    value = derived_by(contract.feed, column.by)(*(source.value for source in sources))
    if isinstance(value, str | Decimal):
        value = fitted(f"{value:f}" if isinstance(value, Decimal) else value, column.column_type)
    return Outcome(value, is_refused=column.required and value is None)
