"""What a load's tasks sum up for a rollup is what MySQL makes of its rows, and stands in for reading them again."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from sqlalchemy import insert, select

from millrace.contract.contract import Contract
from spark.rollup.sums import RollupSums, merged_sums, plans
from sql.ledger import rollup
from sql.ledger.commit import LoadRead
from sql.ledger.counts import SourceRead
from sql.ledger.rollup import Summed
from sql.schema.feed_tables import fact_table, rollup_table
from tests.lab.ledger.scratch import Loader, Record, Scratch, as_batch, sums

KEYS: dict[str, tuple[str, str]] = {
    "fifty": ("int", "FLOOR(amount / 50) * 50"),
    "third": ("bigint", "FLOOR(number / 3)"),
    "whole": ("bigint", "COALESCE(FLOOR(amount), -1)"),
    "day": ("date", "DATE(at)"),
    "step": ("smallint", "IF(is_on, 1, IF(number IS NULL, -2, -1))"),
    "words": ("varchar(20)", "COALESCE(name, code, '-')"),
}
SUMS = (
    "1",
    "amount",
    "is_on",
    "number * 3",
    "-number",
    "amount IS NOT NULL",
    "name <> ''",
    "NOT is_on",
    "COALESCE(amount > 0.5, 0)",
    "COALESCE(is_on = 0, 0)",
    "IF(is_on OR amount IS NULL, 0, amount)",
    "(number >= 5 AND number < 9) OR amount <= -0.01",
)
COLUMNS = {"name": "varchar(20)", "number": "int", "amount": "decimal(10,2)", "is_on": "boolean"}
NEEDED = {"code": "char(3)", "at": "datetime"}


def column(name: str, kind: str, **more: Any) -> dict[str, Any]:
    forms = {"formats": ["yyyy-MM-dd HH:mm:ss"]} if kind == "datetime" else {}
    return {"from": name, "name": name, "type": kind, "comment": name} | forms | more


def measures() -> list[dict[str, str]]:
    return [
        {"name": f"sum_{place}", "type": "decimal(30,2)" if "amount" in sql else "bigint", "sum": sql, "comment": sql}
        for place, sql in enumerate(SUMS)
    ]


def by(name: str, keys: list[Any], where: str | None) -> dict[str, Any]:
    return {"name": f"toy_sum_by_{name}", "comment": name, "by": keys, "where": where, "measures": measures()}


KINDS = Contract.model_validate(
    {
        "feed": "toy_sum",
        "title": "Sums",
        "description": "Every expression that tasks sum up",
        "family": "toy",
        "mode": "append",
        "columns": [
            *(column(name, kind) for name, kind in COLUMNS.items()),
            *(column(name, kind, required=True) for name, kind in NEEDED.items()),
        ],
        "rollups": [
            by("columns", ["name", "code", "at"], "is_on = 0 AND number IS NOT NULL OR number >= 5"),
            by(
                "keys",
                [{"name": name, "type": kind, "sql": sql, "comment": sql} for name, (kind, sql) in KEYS.items()],
                "amount IS NOT NULL AND number IS NOT NULL",
            ),
        ],
    }
)
FEW = st.sampled_from
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "name": FEW([None, "", "a", "A", "ä", "a "]),
            "number": st.none() | FEW([-7, -1, 0, 3, 5, 8]) | st.integers(-(2**31), 2**31 - 1),
            "amount": st.none()
            | FEW([Decimal("-0.01"), Decimal(0), Decimal("49.99"), Decimal(50), Decimal("-50"), Decimal("-50.01")])
            | st.decimals(-99999999, 99999999, places=2),
            "is_on": FEW([None, True, False]),
            "code": FEW(["x", "xyz", "x  "]),
            "at": FEW([datetime(2020, 1, 1), datetime(2020, 1, 1, 23, 59, 59), datetime(2020, 1, 2, 3)]),
        }
    ),
    min_size=1,
    max_size=25,
)


@pytest.fixture(scope="module")
def kinds(toys: Scratch) -> Iterator[Scratch]:
    """The scratch database with that feed's tables."""
    tables = [fact_table(KINDS), *(rollup_table(KINDS, each) for each in KINDS.rollups)]
    for table in tables:
        table.create(toys.engine)
    yield toys
    for table in tables:
        table.drop(toys.engine)


def test_every_rollup_of_it_is_summed_up_by_tasks() -> None:
    assert [plan.rollup.name for plan in plans(KINDS)] == ["toy_sum_by_columns", "toy_sum_by_keys"]


@examples(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=ROWS)
def test_sums_are_what_mysql_makes_of_the_rows(kinds: Scratch, rows: list[dict[str, Any]]) -> None:
    fact = fact_table(KINDS)
    task = RollupSums(KINDS)
    for part in (rows[::2], rows[1::2]):
        task.add(as_batch(KINDS, part))
    found = merged_sums(KINDS, {row["rollup"]: [row["sums"]] for row in task.rows()})
    summed = {name: Summed(len(rows), listed) for name, listed in found.items()}
    identity = [{"source_id": 1, "row_no": number, "load_id": 1} for number in range(len(rows))]
    with kinds.engine.connect() as connection:
        connection.execute(insert(fact), [one | row for one, row in zip(identity, rows, strict=True)])
        rollup.add(connection, KINDS, fact, summed)
        for each in KINDS.rollups:
            stored = {tuple(row) for row in connection.execute(select(rollup_table(KINDS, each)))}
            assert stored == {tuple(row) for row in connection.execute(rollup.grouped(KINDS, each, fact))}
        connection.rollback()


def records(*numbers: int) -> list[Record]:
    return [Record(1, number, {"city": "Lyon", "number": number, "prize": Decimal(1)}) for number in numbers]


def other(summed: dict[str, Summed]) -> dict[str, Summed]:
    """Sums that no rows have."""
    return {name: replace(one, listed='[["Nowhere", "7", "70", "700.00"]]') for name, one in summed.items()}


@pytest.mark.parametrize(
    ("again", "city"), [((), "Nowhere"), ((1,), "Lyon"), ((2, 2), "Lyon")], ids=["new", "known", "twice in the load"]
)
def test_rows_are_read_only_where_some_were_there_already(
    loader: Loader, scratch: Scratch, again: tuple[int, ...], city: str
) -> None:
    loader.load("toy_draw", records(1))
    scratch.run("DELETE FROM toy_draw_by_city")
    read = [*records(2, 3), *records(*again)]
    load_id = loader.begin("toy_draw", len(read))
    loader.write(load_id, "toy_draw", read)
    given_sums = other(sums("toy_draw", read))
    loader.ledger.commit_load(load_id, LoadRead([SourceRead(1, len(read))], sums=given_sums))
    assert scratch.rows("SELECT DISTINCT city FROM toy_draw_by_city") == [(city,)]


def test_a_sum_that_its_column_cannot_hold_is_an_error(loader: Loader, scratch: Scratch) -> None:
    load_id = loader.begin("toy_draw", 1)
    loader.write(load_id, "toy_draw", records(1))
    too_large = {"toy_draw_by_city": Summed(1, '[["Lyon", "0", "99999999999999999999", "1.00"]]')}
    with pytest.raises(Exception, match="range"):
        loader.ledger.commit_load(load_id, LoadRead([SourceRead(1, 1)], sums=too_large))
    assert scratch.rows("SELECT * FROM toy_draw_by_city") == []
