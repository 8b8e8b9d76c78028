"""How a load of an upsert feed finds what it takes the place of: by key, whatever size MySQL takes the table for."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.dialects import mysql

from instruments.tools import as_root
from millrace.contract.contract import Contract
from sql.ledger.ledger import Ledger
from sql.ledger.merge import delete_older, select_old
from tests.lab.ledger.scratch import DATABASE, Loader, Record, Scratch, account, later
from tests.lab.ledger.toy import PLANS

PLAN = PLANS.feed
EMPTY = "n_rows = 0, clustered_index_size = 1, sum_of_other_index_sizes = 1"


@pytest.fixture
def uncounted(scratch: Scratch, ledger: Ledger) -> int:
    """A pending load over a table of 2,000 rows that MySQL takes for empty; its id."""
    loader = Loader(account("spark"), ledger)
    loader.open(PLAN)
    plans = [{"plan": f"P{number}", "changed_on": later(0).date(), "kind": "a", "price": 1} for number in range(2000)]
    loader.load(PLAN, [Record(1, number, plan) for number, plan in enumerate(plans)])
    load_id = loader.begin(PLAN, 500)
    loader.write(load_id, PLAN, [Record(2, number, plan) for number, plan in enumerate(plans[:500])])
    as_root(f"UPDATE mysql.innodb_table_stats SET {EMPTY} WHERE database_name = '{DATABASE}' AND table_name = '{PLAN}'")
    as_root(f"FLUSH TABLES {DATABASE}.{PLAN}")
    return load_id


@pytest.mark.parametrize("statement", [delete_older, select_old])
def test_each_row_looks_its_key_up(scratch: Scratch, uncounted: int, statement: Callable[[Contract, int], Any]) -> None:
    asked = statement(PLANS, uncounted).compile(dialect=mysql.dialect(), compile_kwargs={"literal_binds": True})
    with scratch.engine.connect() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN FORMAT=TRADITIONAL {asked}".replace("%", "%%")).mappings().all()
    tables = [row["table"] for row in plan if row["select_type"] in {"SIMPLE", "PRIMARY", "DELETE"}]
    assert tables == [f"{PLAN}_staging", PLAN]
    assert [(row["type"], row["key"]) for row in plan if row["table"] == PLAN] == [("eq_ref", "PRIMARY")]
