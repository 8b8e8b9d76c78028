"""A feed that nobody wants any more leaves MySQL as if it had never been, wherever that is cut off; others stay."""

from typing import Any

import pytest
from sqlalchemy import Engine

from millrace.contract.contract import Contract
from millrace.errors import Refused
from sql.evolve import forget as module
from sql.evolve.evolve import evolve
from sql.evolve.forget import forget
from sql.ledger import empty_feed
from tests.lab.ledger.commit.test_ledger_commit import draw
from tests.lab.ledger.evolve.stamps import BY_COUNTRY, FEED, UPSERT, VALUE, change, fill, stamp
from tests.lab.ledger.scratch import Loader, Scratch

OTHER = "toy_draw"
LEDGER = ("pipeline_feed", "pipeline_load", "pipeline_source", "quarantine", "pipeline_contract", "pipeline_notice")


class Killed(BaseException):
    """The command ends here."""


@pytest.fixture
def full(filled: Engine, scratch: Scratch) -> Engine:
    """The feed with rows, a load, a source, a refusal, and what a landing folder told of it."""
    values = {
        "load_id": 1,
        "app": "'toy'",
        "feed": f"'{FEED}'",
        "epoch": 1,
        "topic_uuid": "'u'",
        "state": "'committed'",
    }
    values |= {"start_offsets": "'{}'", "end_offsets": "'{}'", "contract_version": "'x'", "started_at": "NOW(3)"}
    names, given = ", ".join(values), ", ".join(map(str, values.values()))
    scratch.run(f"INSERT INTO pipeline_load ({names}) VALUES ({given})")
    scratch.run(f"INSERT INTO pipeline_notice VALUES ('{FEED}', 'landing', '', 'tells', 'x', NOW(3))")
    return filled


def left(scratch: Scratch) -> dict[str, int]:
    """What there is of the feed: tables, and rows of the ledger."""
    count = "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE()"
    tables = scratch.one(f"{count} AND table_name REGEXP '^(v_)?{FEED}'")
    rows = {table: scratch.one(f"SELECT COUNT(*) FROM {table} WHERE feed = '{FEED}'") for table in LEDGER}
    return {name: number for name, number in {"tables": tables, **rows}.items() if number}


def test_all_of_it_goes_and_nothing_of_another(full: Engine, loader: Loader, scratch: Scratch) -> None:
    loader.load(OTHER, [draw(1, "Lyon", 3, "1")])
    loader.ledger.release()
    assert left(scratch)["tables"] == 3
    assert forget(full, FEED)
    assert left(scratch) == {}
    assert scratch.one(f"SELECT COUNT(*) FROM v_{OTHER}") == 1
    assert scratch.rows(f"SELECT what, state FROM pipeline_request WHERE feed = '{FEED}'") == [("run", "off")]
    assert "forgotten" in scratch.one(
        f"SELECT message FROM pipeline_event WHERE feed = '{FEED}' ORDER BY event_id DESC LIMIT 1"
    )
    assert not forget(full, FEED), "there is nothing left to forget"


@pytest.mark.parametrize("contract", [stamp(), stamp(VALUE, rollups=[BY_COUNTRY | {"by": ["value"]}], **UPSERT)])
def test_tables_of_either_mode_go(stamps: Engine, scratch: Scratch, contract: Contract) -> None:
    change(stamps, contract)
    assert forget(stamps, FEED)
    assert left(scratch) == {}


@pytest.mark.parametrize("at", ["pause", "hide", "_drop", "empty_ledger", "_finish"])
def test_one_that_was_killed_goes_on_when_it_is_typed_again(
    full: Engine, scratch: Scratch, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    own = getattr(module, at)

    def die_behind(*arguments: Any) -> None:
        own(*arguments)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(module, at, die_behind)
        with pytest.raises(Killed):
            forget(full, FEED)
    assert forget(full, FEED)
    assert left(scratch) == {}


def test_half_forgotten_it_loads_nothing_and_says_why(
    full: Engine, loader: Loader, scratch: Scratch, monkeypatch: pytest.MonkeyPatch
) -> None:
    loader.ledger.release()
    monkeypatch.setattr(module, "_drop", lambda *_: (_ for _ in ()).throw(Killed))
    with pytest.raises(Killed):
        forget(full, FEED)
    ((state, message, committed),) = scratch.rows(
        f"SELECT state, message, committed_load_id FROM pipeline_feed WHERE feed = '{FEED}'"
    )
    assert (state, committed) == ("stopped", 0)
    assert message == f"it is being forgotten; `make forget FEED={FEED}` finishes it"


def test_the_ledger_goes_in_pieces(full: Engine, scratch: Scratch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(empty_feed, "PIECE", 1)
    assert forget(full, FEED)
    assert left(scratch) == {}


def test_a_contract_that_nobody_can_read_is_left_alone(full: Engine, scratch: Scratch) -> None:
    scratch.run(f"UPDATE pipeline_contract SET contract = '{{\"of\": \"tomorrow\"}}' WHERE feed = '{FEED}'")
    before = left(scratch)
    with pytest.raises(Refused, match="from a contract of another release"):
        forget(full, FEED)
    assert left(scratch) == before


def test_another_feed_of_the_name_begins_with_nothing(full: Engine, scratch: Scratch) -> None:
    forget(full, FEED)
    assert evolve(full, {FEED: stamp()})
    fill(scratch, rows=2)
    assert scratch.one(f"SELECT COUNT(*) FROM v_{FEED}") == 2
