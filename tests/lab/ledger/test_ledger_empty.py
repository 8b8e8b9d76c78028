"""A feed starts over: all of it leaves, nothing of another, however often it is interrupted."""

from collections.abc import Callable
from typing import Any

import pytest

from millrace.errors import Refused
from sql import requests
from sql.errors import LostEpoch
from sql.ledger.empty_feed import empty
from sql.ledger.ledger import Ledger
from sql.ledger.replace import Replacement
from tests.lab.ledger.commit.test_ledger_commit import assert_rollups_fit, draw, plan
from tests.lab.ledger.scratch import TOPIC_UUID, Loader, Record, Scratch, later
from tests.lab.ledger.toy import DRAWS, PLANS, TOYS

OF_THE_FEED = {
    "toy_draw": ("toy_draw", "toy_draw_by_city"),
    "toy_plan": ("toy_plan", "toy_plan_staging", "toy_plan_by_kind"),
}
OF_ALL = ("pipeline_feed", "pipeline_load", "pipeline_source", "pipeline_replaced", "quarantine", "pipeline_sample")


class Killed(BaseException):
    """The stream ends here."""


def content(scratch: Scratch, feed: str) -> dict[str, int]:
    """How many rows each table holds of the feed."""
    own = {table: scratch.one(f"SELECT COUNT(*) FROM {table}") for table in OF_THE_FEED[feed]}
    shared = {table: scratch.one(f"SELECT COUNT(*) FROM {table} WHERE feed = '{feed}'") for table in OF_ALL}
    counts = (
        "SELECT COUNT(*) FROM pipeline_load_source"
        f" WHERE load_id IN (SELECT load_id FROM pipeline_load WHERE feed = '{feed}')"
    )
    return own | shared | {"pipeline_load_source": scratch.one(counts)}


@pytest.fixture
def full(loader: Loader, ledger: Ledger) -> Ledger:
    """Both feeds with rows, refused records, a replaced source, a sample, and a load that is still pending."""
    loader.load("toy_draw", [draw(n, "Lyon", n, "1.50") for n in range(1, 8)])
    loader.load(
        "toy_draw", [draw(1, "Nice", 3, "1", source=2), Record(3, 1, refused=True)], Replacement(1, 2, later(1))
    )
    loader.load("toy_plan", [plan(1, "A", "2026-01-01", "x", "1"), plan(2, "B", "2026-01-01", "y", "2")])
    loader.load("toy_plan", [Record(9, 1, refused=True)])
    for feed in TOYS:
        ledger.record_sample(feed, 0, 0.0)
    return ledger


def owned_until(ledger: Ledger, number: int) -> Callable[[Callable[..., Any]], Any]:
    """The ledger's transactions, of which the one of that number is the last."""
    done = iter(range(number))

    def transaction(work: Callable[..., Any]) -> Any:
        result = ledger.owned(work)
        if next(done, None) is None:
            raise Killed
        return result

    return transaction


@pytest.mark.parametrize("contract", [DRAWS, PLANS], ids=lambda contract: contract.feed)
@pytest.mark.parametrize("killed_at", [None, 0, 1, 2, 3, 5, 8, 11])
def test_all_of_the_feed_goes_and_nothing_of_the_other(
    full: Ledger, scratch: Scratch, monkeypatch: pytest.MonkeyPatch, contract: Any, killed_at: int | None
) -> None:
    monkeypatch.setattr("sql.ledger.empty_feed.PIECE", 2)
    (other,) = TOYS.keys() - {contract.feed}
    kept = content(scratch, other)
    if killed_at is not None:
        with pytest.raises(Killed):
            empty(owned_until(full, killed_at), contract)
        assert (
            scratch.one(f"SELECT COALESCE(MAX(committed_load_id), 0) FROM pipeline_feed WHERE feed = '{contract.feed}'")
            == 0
        )
        with pytest.raises(Refused):
            full.open_feed(contract.feed, TOPIC_UUID, "1")
    empty(full.owned, contract)
    assert set(content(scratch, contract.feed).values()) == {0}
    assert content(scratch, other) == kept
    assert_rollups_fit(full)


def test_the_feed_begins_anew_in_its_new_topic(full: Ledger, loader: Loader, scratch: Scratch) -> None:
    last = scratch.one("SELECT MAX(load_id) FROM pipeline_load")
    empty(full.owned, DRAWS)
    assert full.open_feed("toy_draw", "anotheranotheranotherA", "1") == {}
    load = full.begin_load("toy_draw", "anotheranotheranotherA", {0: 0}, {0: 1}, "1")
    assert load > last
    loader.write(load, "toy_draw", [draw(1, "Lyon", 7, "1.50")])
    assert loader.commit(load, [draw(1, "Lyon", 7, "1.50")]).loaded == 1
    assert_rollups_fit(full)


def test_who_has_lost_the_epoch_deletes_nothing(
    full: Ledger, scratch: Scratch, new_ledger: Callable[[], Ledger]
) -> None:
    before = content(scratch, "toy_draw")
    full.release()
    new_ledger().take_epoch()
    with pytest.raises(LostEpoch):
        empty(full.owned, DRAWS)
    assert content(scratch, "toy_draw") == before


def test_a_request_stands_until_it_is_done(ledger: Ledger) -> None:
    with ledger.engine.begin() as connection:
        assert requests.reset_state(connection, "x") is None
        assert [requests.ask_reset(connection, "x") for _ in range(2)] == ["asked", "asked"]
        requests.note_emptied(connection, "x")
        assert requests.ask_reset(connection, "x") == "emptied"
        requests.switch(connection, "x", on=True)
        requests.switch(connection, "x", on=False)
        found = requests.read(connection)
        assert (found.switched["x"][0], found.resets) == (False, {"x": "emptied"})
        requests.end_reset(connection, "x")
        assert requests.read(connection).resets == {}
