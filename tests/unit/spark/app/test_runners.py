"""Which feeds the stream runs, with runners that only say what happened to them."""

import time
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from spark.app import reset_feed, wanted_feeds
from spark.app import runners as module
from spark.app.runners import Runners
from spark.app.wanted_feeds import WantedFeeds
from spark.app.watchdog import SILENT_SECONDS
from sql.made_contracts import Made
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
    runners.reconcile()
    assert list(runners.running) == [RATE, PLAN]
    runners.reconcile()
    assert [runner.feed for runner in runners] == [RATE, PLAN]


def test_lab_yml_counts_again_when_it_is_written(runners: Runners, monkeypatch: pytest.MonkeyPatch) -> None:
    runners.reconcile()
    monkeypatch.setattr(wanted_feeds, "load_lab", lambda: type("Lab", (), {"feeds": (NETWORK,)}))
    monkeypatch.setattr(wanted_feeds, "lab_changed_at", lambda: WRITTEN + timedelta(seconds=1))
    runners.reconcile()
    assert list(runners.running) == [NETWORK]


def test_a_lab_yml_that_is_away_changes_nothing(runners: Runners, monkeypatch: pytest.MonkeyPatch) -> None:
    runners.reconcile()
    monkeypatch.setattr(wanted_feeds, "lab_changed_at", Path("nowhere").stat)
    runners.reconcile()
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
    runners.reconcile()
    assert list(runners.running) == running


def test_a_feed_stops_and_goes_on_while_the_other_runs(runners: Runners, ledger: Ledger) -> None:
    runners.reconcile()
    other = runners.running[RATE].thread
    plan: Any = runners.running[PLAN].runner
    ledger.asked = Requests({PLAN: (False, AFTER)}, {})
    runners.reconcile()
    assert list(runners.running) == [RATE]
    assert plan.has_left
    assert ledger.states[PLAN] == ("stopped", "it is switched off")
    assert ledger.undone == [PLAN]
    ledger.asked = Requests({PLAN: (True, AFTER)}, {})
    runners.reconcile()
    assert list(runners.running) == [RATE, PLAN]
    assert runners.running[RATE].thread is other


def test_a_feed_pauses_for_its_tables_and_goes_on_with_the_new_contract(
    runners: Runners, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    def confirm(ledger: Ledger, feed: str) -> None:
        ledger.there[feed] = Made("one", "paused", {})

    monkeypatch.setattr(module.made_contracts, "confirm", confirm)
    runners.reconcile()
    other = runners.running[RATE].thread
    ledger.there[PLAN] = Made("one", "asked", {})
    runners.reconcile()
    assert list(runners.running) == [RATE]
    assert ledger.there[PLAN].state == "paused"
    assert ledger.states[PLAN][1] == "its tables are changed; should they stay so, `make up` goes on with it"
    assert set(ledger.undone) == {PLAN}
    runners.reconcile()
    assert list(runners.running) == [RATE]
    ledger.there[PLAN] = Made("two", "in_use", {})
    runners.reconcile()
    assert (runners.running[PLAN].version, runners.running[RATE].thread) == ("two", other)


def test_a_new_contract_without_new_tables_starts_its_feed_anew(runners: Runners, ledger: Ledger) -> None:
    runners.reconcile()
    before = {feed: one.thread for feed, one in runners.running.items()}
    ledger.there[PLAN] = Made("two", "in_use", {})
    runners.reconcile()
    assert ledger.states[PLAN] == ("stopped", "it has a new contract")
    assert runners.running[PLAN].thread is not before[PLAN]
    assert runners.running[RATE].thread is before[RATE]


@pytest.mark.parametrize("there", [{}, {RATE: IN_USE}])
def test_a_feed_without_tables_waits_for_them(runners: Runners, ledger: Ledger, there: dict[str, Made]) -> None:
    ledger.there = there
    runners.reconcile()
    assert list(runners.running) == list(there)
    why = "it has no tables that this release knows; `make up` makes them"
    assert ledger.states == {feed: ("stopped", why) for feed in (RATE, PLAN) if feed not in there}
    ledger.states.clear()
    runners.reconcile()
    assert ledger.states == {}, "it is told once"


def test_a_feed_that_a_killed_application_left_running_while_it_was_paused_is_told_as_stopped(
    runners: Runners, ledger: Ledger
) -> None:
    ledger.there[PLAN] = Made("one", "paused", {})
    runners.reconcile()
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
    monkeypatch.setattr(module.made_contracts, "confirm", lambda _ledger, _feed: confirmed.set())
    ledger.there[PLAN] = Made("one", "in_use", {"a": ["A"]})
    runners.reconcile()
    assert begun.wait(30)
    assert PLAN in runners.running
    ledger.there[PLAN] = Made("one", "asked", {"a": ["A"]})
    runners.reconcile()
    assert asked.wait(30)
    deadline = time.monotonic() + 30
    while not confirmed.is_set() and time.monotonic() < deadline:
        runners.reconcile()
        time.sleep(0.01)
    assert confirmed.is_set()


def test_nothing_changes_while_mysql_is_away(runners: Runners, ledger: Ledger) -> None:
    runners.reconcile()
    ledger.asked = None
    runners.reconcile()
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
    runners.reconcile()
    ledger.asked = Requests({}, {PLAN: "asked"})
    deadline = time.monotonic() + 60
    while not emptied and time.monotonic() < deadline:
        runners.reconcile()
        time.sleep(0.01)
    runners.reconcile()
    assert (emptied, list(runners.running)) == ([PLAN], [RATE])
    ledger.asked = Requests({}, {})
    runners.reconcile()
    assert list(runners.running) == [RATE, PLAN]


def test_feeds_of_the_command_line_are_the_only_ones(ledger: Ledger) -> None:
    made: Any = Runners(Runner, ledger, lambda _reason: None, WantedFeeds((NETWORK,)))  # type: ignore[arg-type]
    assert made.wanted.after(Requests({PLAN: (True, AFTER)}, {})) == [NETWORK]


def test_a_feed_whose_thread_hangs_is_named(runners: Runners) -> None:
    runners.reconcile()
    hanging: Any = runners.running[PLAN].runner
    hanging.now = SILENT_SECONDS
    assert runners.hanging() == []
    hanging.now += 1
    assert runners.hanging() == [PLAN]
    hanging.pulse.beat()
    assert runners.hanging() == []


def test_a_feed_that_has_ended_hangs_no_more(runners: Runners) -> None:
    runners.reconcile()
    ended: Any = runners.running[PLAN]
    ended.stopping.set()
    ended.thread.join(5)
    ended.runner.now = SILENT_SECONDS + 1
    assert runners.hanging() == []
