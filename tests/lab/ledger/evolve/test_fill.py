"""A column that is new takes its values out of `extra`, while rollups stay the sums of their facts."""

from collections.abc import Iterator
from threading import Event, Thread
from typing import Any

import pytest

from instruments.tools import wait_until
from millrace.contract.contract import Contract
from millrace.settings import Settings
from spark.upkeep import fill_columns as module
from spark.upkeep.fill_columns import fill
from sql import contracts_in_use
from sql.engine import connect
from sql.evolve.evolve import evolve
from sql.ledger.ledger import Ledger
from sql.ledger.rollup import differences
from tests.lab.ledger.scratch import Loader, Record, Scratch, account, is_waiting_for_a_row
from tests.lab.ledger.toy import DRAWS, PLANS, TOYS

FEED = "toy_draw"
COLOUR = {"from": "Colour", "also": ["Hue"], "name": "colour", "type": "varchar(5)", "comment": "Its colour"}
DRAWN = {"from": "Drawn on", "name": "drawn_on", "type": "date", "formats": ["d/M/yyyy"], "comment": "The day"}
BONUS = {"from": "Bonus", "name": "bonus", "type": "int", "max": 10, "parse": "whole_number", "comment": "Extra balls"}
BY_COLOUR = {
    "name": "toy_draw_by_colour",
    "comment": "Draws per colour",
    "by": ["colour"],
    "measures": [
        {"name": "draws", "type": "bigint", "sum": "1", "comment": "Draws"},
        {"name": "bonus_sum", "type": "bigint", "sum": "COALESCE(bonus, 0)", "comment": "Extra balls"},
    ],
}
EXTRA = {
    1: '{"Colour": "red", "Drawn on": "3/1/2026", "Bonus": "2.0", "Note": "kept"}',
    2: '{"Hue": " blue ", "Colour": ""}',
    3: '{"Colour": "ultramarine", "Bonus": "11"}',
    4: '{"Note": "kept"}',
    5: '{"Colour": "red", "Bonus": null}',
}
LEFT = {1: {"Note": "kept"}, 2: None, 3: {"Colour": "ultramarine", "Bonus": "11"}, 4: {"Note": "kept"}, 5: None}


def wider() -> Contract:
    content = DRAWS.model_dump(mode="json", by_alias=True)
    content["columns"] += [COLOUR, DRAWN, BONUS]
    content["rollups"] += [BY_COLOUR]
    return Contract.model_validate(content)


@pytest.fixture
def changed(loader: Loader, ledger: Ledger, scratch: Scratch) -> Iterator[Ledger]:
    """The feed with rows of before, and tables of the wider contract."""
    values = {n: {"city": "Lyon", "number": n, "extra": extra} for n, extra in EXTRA.items()}
    loader.load(FEED, [Record(1, n, of) for n, of in values.items()])
    scratch.run("UPDATE pipeline_app SET lease_until = NULL")
    engine = connect(account("migrate"))
    evolve(engine, {FEED: wider()})
    yield ledger
    scratch.empty()
    evolve(engine, TOYS)
    engine.dispose()


def what(scratch: Scratch) -> Any:
    with scratch.engine.connect() as connection:
        return contracts_in_use.read(connection)[FEED]


@pytest.mark.parametrize("piece", [1, 1000])
def test_what_fits_moves_and_what_does_not_stays(
    changed: Ledger, scratch: Scratch, monkeypatch: pytest.MonkeyPatch, piece: int
) -> None:
    monkeypatch.setattr(module, "PIECE", piece)
    assert set(what(scratch).to_fill) == {"colour", "drawn_on", "bonus"}
    fill(changed, wider(), what(scratch), Event())
    rows = scratch.rows(f"SELECT row_no, colour, CAST(drawn_on AS CHAR), bonus FROM {FEED} ORDER BY 1")
    assert rows == [
        (1, "red", "2026-01-03", 2),
        (2, "blue", None, None),
        (3, None, None, None),
        (4, None, None, None),
        (5, "red", None, None),
    ]
    with scratch.engine.connect() as connection:
        left = connection.execute(module.select(module.fact_table(wider()).c["row_no", "extra"])).all()
        assert differences(connection, wider()) == {}
    assert {row.row_no: row.extra for row in left} == LEFT
    assert scratch.rows("SELECT colour, draws, bonus_sum FROM toy_draw_by_colour ORDER BY 1") == [
        ("", 2, 0),
        ("blue", 1, 0),
        ("red", 2, 2),
    ]
    assert what(scratch).to_fill == {}


def test_it_goes_on_where_it_was_stopped(changed: Ledger, scratch: Scratch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PIECE", 1)
    stopping = Event()
    piece = module._fill_piece

    def first(*arguments: Any) -> int:
        stopping.set()
        return piece(*arguments)

    monkeypatch.setattr(module, "_fill_piece", first)
    fill(changed, wider(), what(scratch), stopping)
    assert scratch.one(f"SELECT COUNT(colour) FROM {FEED}") == 1
    assert what(scratch).to_fill
    monkeypatch.setattr(module, "_fill_piece", piece)
    fill(changed, wider(), what(scratch), Event())
    assert scratch.one(f"SELECT COUNT(colour) FROM {FEED}") == 3
    assert what(scratch).to_fill == {}


def test_a_commit_and_a_fill_of_the_same_row_take_turns(
    loader: Loader, ledger: Ledger, scratch: Scratch, spark_account: Settings
) -> None:
    loader.load("toy_plan", [Record(1, 1, plan_values("2026-01-01") | {"extra": '{"Colour": "red"}'})])
    scratch.run("UPDATE pipeline_app SET lease_until = NULL")
    content = PLANS.model_dump(mode="json", by_alias=True)
    content["columns"].append(COLOUR)
    content["rollups"].append(BY_COLOUR | {"name": "toy_plan_by_colour", "measures": BY_COLOUR["measures"][:1]})
    wider_plans = Contract.model_validate(content)
    engine = connect(account("migrate"))
    evolve(engine, {"toy_plan": wider_plans})
    with engine.connect() as connection:
        what_now = contracts_in_use.read(connection)["toy_plan"]
    filling = Thread(target=lambda: fill(ledger, wider_plans, what_now, Event()))

    def before_commit(name: str) -> None:
        if name == "before_commit":
            filling.start()
            wait_until(is_waiting_for_a_row, "the fill waits for the commit")
            assert filling.is_alive()

    mine = Ledger(spark_account, "toy", {"toy_plan": wider_plans}, at=before_commit)
    mine._lease.epoch = ledger.epoch
    committing = Loader(spark_account, mine)
    load_id = committing.begin("toy_plan", 1)
    newer = [Record(2, 1, plan_values("2026-02-01"))]
    committing.write(load_id, "toy_plan", newer)
    committing.commit(load_id, newer)
    filling.join()
    with engine.connect() as connection:
        assert differences(connection, wider_plans) == {}
    mine.engine.dispose()
    scratch.empty()
    evolve(engine, TOYS)
    engine.dispose()


def plan_values(day: str) -> dict[str, Any]:
    return {"plan": "A", "changed_on": day, "kind": "x", "price": "1"}
