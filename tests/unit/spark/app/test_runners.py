"""Which feeds the stream runs, with runners that only say what happened to them."""

import time
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from spark.app import runners as module
from spark.app import wanted_feeds
from spark.app.runners import Runners
from spark.app.wanted_feeds import WantedFeeds
from spark.app.watchdog import SILENT_SECONDS
from spark.upkeep import reset_feed
from sql.contracts_in_use import Made
from sql.requests import Requests
from tests.unit.spark.app.app_in_memory import (
    AFTER,
    BEFORE,
    IN_USE,
    NETWORK,
    PLAN,
    RATE,
    WRITTEN,
    Ledger,
    Runner,
)


def test_lab_yml_says_what_runs(runners: Runners) -> None:
    runners.follow_requests()
    assert list(runners.running) == [RATE, PLAN]
    runners.follow_requests()
    assert [runner.feed for runner in runners] == [RATE, PLAN]


def test_lab_yml_counts_again_when_it_is_written(runners: Runners, monkeypatch: pytest.MonkeyPatch) -> None:
    runners.follow_requests()
    monkeypatch.setattr(wanted_feeds, "load_lab", lambda: type("Lab", (), {"feeds": (NETWORK,)}))
    monkeypatch.setattr(wanted_feeds, "lab_changed_at", lambda: WRITTEN + timedelta(seconds=1))
    runners.follow_requests()
    assert list(runners.running) == [NETWORK]


def test_a_lab_yml_that_is_away_changes_nothing(runners: Runners, monkeypatch: pytest.MonkeyPatch) -> None:
    runners.follow_requests()
    monkeypatch.setattr(wanted_feeds, "lab_changed_at", Path("nowhere").stat)
    runners.follow_requests()
    assert list(runners.running) == [RATE, PLAN]


@pytest.mark.parametrize(
    ("switched", "running"),
    [
        ({PLAN: (False, AFTER)}, [RATE]),
        ({PLAN: (False, BEFORE)}, [RATE, PLAN]),
        ({NETWORK: (True, AFTER)}, [RATE, PLAN, NETWORK]),
        ({NETWORK: (True, BEFORE)}, [RATE, PLAN]),
        ({"gone": (True, AFTER)}, [RATE, PLAN]),
    ],
)
def test_a_switch_counts_until_lab_yml_is_newer(
    runners: Runners, ledger: Ledger, switched: dict[str, tuple[bool, datetime]], running: list[str]
) -> None:
    ledger.asked = Requests(switched, {})
    runners.follow_requests()
    assert list(runners.running) == running


def test_a_feed_stops_and_goes_on_while_the_other_runs(runners: Runners, ledger: Ledger) -> None:
    runners.follow_requests()
    other = runners.running[RATE].thread
    plan: Any = runners.running[PLAN].runner
    ledger.asked = Requests({PLAN: (False, AFTER)}, {})
    runners.follow_requests()
    assert list(runners.running) == [RATE]
    assert plan.has_left
    assert ledger.states[PLAN] == ("stopped", "it is switched off")
    assert ledger.undone == [PLAN]
    ledger.asked = Requests({PLAN: (True, AFTER)}, {})
    runners.follow_requests()
    assert list(runners.running) == [RATE, PLAN]
    assert runners.running[RATE].thread is other


def test_a_feed_pauses_for_its_tables_and_goes_on_with_the_new_contract(
    runners: Runners, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    def confirm(ledger: Ledger, feed: str) -> None:
        ledger.there[feed] = Made("one", "paused", {})

    monkeypatch.setattr(module.contracts_in_use, "confirm", confirm)
    runners.follow_requests()
    other = runners.running[RATE].thread
    ledger.there[PLAN] = Made("one", "asked", {})
    runners.follow_requests()
    assert list(runners.running) == [RATE]
    assert ledger.there[PLAN].state == "paused"
    assert ledger.states[PLAN][1] == "its tables are changed; should they stay so, `make up` goes on with it"
    assert set(ledger.undone) == {PLAN}
    runners.follow_requests()
    assert list(runners.running) == [RATE]
    ledger.there[PLAN] = Made("two", "in_use", {})
    runners.follow_requests()
    assert (runners.running[PLAN].version, runners.running[RATE].thread) == ("two", other)


def test_a_new_contract_without_new_tables_starts_its_feed_anew(runners: Runners, ledger: Ledger) -> None:
    runners.follow_requests()
    before = {feed: one.thread for feed, one in runners.running.items()}
    ledger.there[PLAN] = Made("two", "in_use", {})
    runners.follow_requests()
    assert ledger.states[PLAN] == ("stopped", "it has a new contract")
    assert runners.running[PLAN].thread is not before[PLAN]
    assert runners.running[RATE].thread is before[RATE]


def test_what_is_switched_off_while_its_contract_changes_is_said_to_be_switched_off(
    runners: Runners, ledger: Ledger
) -> None:
    runners.follow_requests()
    ledger.asked = Requests({PLAN: (False, AFTER)}, {})
    ledger.there[PLAN] = Made("two", "in_use", {})
    runners.follow_requests()
    assert ledger.states[PLAN] == ("stopped", "it is switched off")


@pytest.mark.parametrize("there", [{}, {RATE: IN_USE}])
def test_a_feed_without_tables_waits_for_them(runners: Runners, ledger: Ledger, there: dict[str, Made]) -> None:
    ledger.there = there
    runners.follow_requests()
    assert list(runners.running) == list(there)
    why = "it has no tables that this release knows; `make up` makes them"
    assert ledger.states == {feed: ("stopped", why) for feed in (RATE, PLAN) if feed not in there}
    ledger.states.clear()
    runners.follow_requests()
    assert ledger.states == {}, "it is told once"


def test_a_feed_that_a_killed_application_left_running_while_it_was_paused_is_told_as_stopped(
    runners: Runners, ledger: Ledger
) -> None:
    ledger.there[PLAN] = Made("one", "paused", {})
    runners.follow_requests()
    assert list(runners.running) == [RATE]
    assert ledger.states == {
        PLAN: ("stopped", "its tables are changed; should they stay so, `make up` goes on with it")
    }


def test_a_feed_is_not_paused_while_something_is_filled(
    runners: Runners, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, asked, confirmed = Event(), Event(), Event()

    def fill(_ledger: Ledger, contract: Any, what: Made, stopping: Event) -> None:
        assert (contract.feed, what.to_fill) == (PLAN, {"a": ["A"]})
        begun.set()
        asked.set() if stopping.wait(30) else None

    monkeypatch.setattr(module, "fill", fill)
    monkeypatch.setattr(module.contracts_in_use, "confirm", lambda _ledger, _feed: confirmed.set())
    ledger.there[PLAN] = Made("one", "in_use", {"a": ["A"]})
    runners.follow_requests()
    assert begun.wait(30)
    assert PLAN in runners.running
    ledger.there[PLAN] = Made("one", "asked", {"a": ["A"]})
    runners.follow_requests()
    assert asked.wait(30)
    deadline = time.monotonic() + 30
    while not confirmed.is_set() and time.monotonic() < deadline:
        runners.follow_requests()
        time.sleep(0.01)
    assert confirmed.is_set()


def test_nothing_changes_while_mysql_is_away(runners: Runners, ledger: Ledger) -> None:
    runners.follow_requests()
    ledger.asked = None
    runners.follow_requests()
    assert list(runners.running) == [RATE, PLAN]


def test_a_feed_that_starts_over_is_emptied_once_and_stays_closed(
    runners: Runners, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    emptied: list[str] = []
    monkeypatch.setattr(reset_feed, "empty", lambda _owned, contract: emptied.append(contract.feed))

    def note(ledger: Ledger, feed: str) -> None:
        ledger.asked = Requests({}, {feed: "emptied"})

    monkeypatch.setattr(module.requests, "note_emptied", note)
    monkeypatch.setattr(module.requests, "reset_state", lambda ledger, feed: ledger.asked.resets.get(feed))
    runners.follow_requests()
    ledger.asked = Requests({}, {PLAN: "asked"})
    deadline = time.monotonic() + 60
    while not emptied and time.monotonic() < deadline:
        runners.follow_requests()
        time.sleep(0.01)
    runners.follow_requests()
    assert (emptied, list(runners.running)) == ([PLAN], [RATE])
    ledger.asked = Requests({}, {})
    runners.follow_requests()
    assert list(runners.running) == [RATE, PLAN]


def test_feeds_of_the_command_line_are_the_only_ones(ledger: Ledger) -> None:
    made: Any = Runners(Runner, ledger, lambda _reason: None, WantedFeeds((NETWORK,)))  # type: ignore[arg-type]
    assert made.wanted.after(Requests({PLAN: (True, AFTER)}, {})) == [NETWORK]


def test_a_feed_whose_thread_hangs_is_named(runners: Runners) -> None:
    runners.follow_requests()
    hanging: Any = runners.running[PLAN].runner
    hanging.now = SILENT_SECONDS
    assert runners.hanging() == []
    hanging.now += 1
    assert runners.hanging() == [PLAN]
    hanging.pulse.beat()
    assert runners.hanging() == []


def test_a_feed_that_has_ended_hangs_no_more(runners: Runners) -> None:
    runners.follow_requests()
    ended: Any = runners.running[PLAN]
    ended.stopping.set()
    ended.thread.join(30)
    assert not ended.thread.is_alive()
    ended.runner.now = SILENT_SECONDS + 1
    assert runners.hanging() == []
