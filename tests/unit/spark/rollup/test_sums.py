"""What a task sums up of its records."""

import json
from decimal import Decimal

import pyarrow as pa

from millrace.contract.contract import Contract, all_contracts, load_contract
from spark.rollup.sums import RollupSums, merged_sums, plans
from tests.unit.spark.records import cleaned, event, sample

RATES = load_contract("insurance_rate")


def test_these_rollups_are_summed_up_by_tasks() -> None:
    summed = {feed: [plan.rollup.name for plan in plans(contract)] for feed, contract in all_contracts().items()}
    assert {feed: names for feed, names in summed.items() if names} == {
        "insurance_benefit": ["insurance_benefit_by_name"],
        "insurance_network": ["insurance_network_by_issuer"],
        "insurance_rate": [rollup.name for rollup in RATES.rollups],
        "insurance_service_area": ["insurance_service_area_by_county"],
        "sales": ["sales_by_product", "sales_by_basket"],
        "shares": ["shares_by_symbol"],
        "weather": ["weather_by_day"],
    }


def test_batches_are_summed_up_as_one() -> None:
    records = [event(RATES, record, number) for number, record in enumerate(sample(RATES), 1)]
    whole, parts = RollupSums(RATES), RollupSums(RATES)
    whole.add(cleaned(RATES, records))
    tasks = [RollupSums(RATES), RollupSums(RATES)]
    for part in (records[:9], records[9:10], records[10:]):
        parts.add(cleaned(RATES, part))
        tasks[len(part) % 2].add(cleaned(RATES, part))
    assert lists(whole) == lists(parts) == lists(*tasks)
    by_plan = lists(whole)["insurance_rate_by_plan"]
    persons = [record for record in sample(RATES) if record["Age"] != "Family Option" and counts(record)]
    assert sum(int(rates) for *_, rates, _ in by_plan) == len(persons)
    premiums = sum(Decimal(record["IndividualRate"]) for record in persons)
    assert sum(Decimal(premium) for *_, premium in by_plan) == premiums


def test_nothing_is_summed_up_of_nothing() -> None:
    none = RollupSums(RATES)
    assert none.rows() == []
    none.add(cleaned(RATES, []))
    assert lists(none) == {rollup.name: [] for rollup in RATES.rollups}


def test_a_number_that_is_too_long_is_left_to_mysql() -> None:
    contract = one_number("decimal(30,0)", "IF(number > 0.0000000001, 1, 0)")
    task = RollupSums(contract)
    task.add(pa.record_batch({"number": pa.array([Decimal(10**29)], pa.decimal128(30, 0))}))
    assert task.rows() == []


def one_number(kind: str, sql: str) -> Contract:
    number = {"from": "n", "name": "number", "type": kind, "required": True, "comment": "n"}
    measure = {"name": "counted", "type": "bigint", "sum": "1", "comment": "n"}
    found = {"name": "found", "type": "bigint", "sum": sql, "comment": "n"}
    rollup = {"name": "one_number_by_itself", "by": ["number"], "measures": [measure, found], "comment": "n"}
    texts = {"feed": "one_number", "title": "n", "description": "n", "family": "toy", "mode": "append"}
    return Contract.model_validate(texts | {"columns": [number], "rollups": [rollup]})


def lists(*tasks: RollupSums) -> dict[str, list[list[str]]]:
    """What the tasks' sums come to together."""
    sums: dict[str, list[bytes]] = {}
    for task in tasks:
        for row in task.rows():
            sums.setdefault(row["rollup"], []).append(row["sums"])
    return {name: sorted(json.loads(listed)) for name, listed in merged_sums(RATES, sums).items()}


def counts(record: dict[str, str]) -> bool:
    """Whether the rate is one."""
    return Decimal(record["IndividualRate"]) < 9999
