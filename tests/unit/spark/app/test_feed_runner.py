"""A feed's query never runs on without its supervisor."""

from threading import Event
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import pytest

from millrace.contract.contract import load_contract
from millrace.kafka_account import KafkaAccount
from millrace.settings import Settings
from spark.app import feed_runner
from spark.app.feed_runner import FeedRunner
from tests.unit.spark.records import SEAL

FEED = "insurance_network"
PAUSES = {1: [1, 2, 4], 3600: [1, 1, 1]}
"""How long a query ran each time before it failed, and the pauses before the next tries; in seconds."""


@pytest.fixture
def query(monkeypatch: pytest.MonkeyPatch) -> Mock:
    """The query that is started, whatever is asked for."""
    made = Mock()
    monkeypatch.setattr(feed_runner, "start_query", lambda *_: made)
    return made


@pytest.fixture
def stopping() -> Event:
    return Event()


@pytest.fixture
def runner(query: Mock, stopping: Event, monkeypatch: pytest.MonkeyPatch) -> FeedRunner:
    """A feed whose topic is found; no query of it ever commits a load."""
    loader = SimpleNamespace(
        contract=None, loads=0, failure=None, is_committing=False, close=lambda: None, is_busy=False
    )
    monkeypatch.setattr(FeedRunner, "_open", lambda *_: (loader, {}))
    settings: Any = SimpleNamespace(kafka_account=KafkaAccount(address="127.0.0.1:1"))
    return FeedRunner(Mock(), settings, FEED, Mock(), stopping)


def test_a_feed_that_was_stopped_is_not_called_running_by_a_late_sample(runner: FeedRunner) -> None:
    ledger: Any = runner._ledger
    runner.report("running")
    runner.report(latest={0: 7})
    ledger.set_feed_state.assert_called_with(FEED, "running", "", {0: 7})
    runner.leave()
    ledger.reset_mock()
    runner.report(latest={0: 8})
    ledger.set_feed_state.assert_not_called()


def test_a_query_whose_start_cannot_be_told_is_stopped(
    runner: FeedRunner, query: Mock, stopping: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    def report(state: str | None = None, message: str = "", latest: object = None) -> None:
        stopping.set()
        raise OSError("MySQL is away")

    monkeypatch.setattr(runner, "report", report)
    runner.run()
    query.stop.assert_called_once()


@pytest.mark.parametrize("lasted", PAUSES)
def test_a_query_that_ran_for_long_is_soon_tried_again(
    runner: FeedRunner, query: Mock, stopping: Event, monkeypatch: pytest.MonkeyPatch, lasted: float
) -> None:
    clock, pauses = [0.0], []

    def fail(seconds: float) -> bool:
        clock[0] += lasted
        raise OSError("Kafka is away")

    def wait(seconds: float) -> bool:
        pauses.append(seconds)
        if len(pauses) == len(PAUSES[lasted]):
            stopping.set()
        return False

    query.awaitTermination.side_effect = fail
    monkeypatch.setattr(feed_runner, "monotonic", lambda: clock[0])
    monkeypatch.setattr(stopping, "wait", wait)
    runner.run()
    assert pauses == PAUSES[lasted]


STATES = {True: ["running"], False: ["running", "retrying"]}
"""By whether a commit is under way: the states of a feed that has committed nothing for long."""


@pytest.mark.parametrize("is_committing", STATES)
def test_a_commit_that_takes_long_is_no_standstill(
    runner: FeedRunner, query: Mock, stopping: Event, monkeypatch: pytest.MonkeyPatch, is_committing: bool
) -> None:
    """It takes the rows of a large file out; a query that does nothing begins anew."""
    clock, states = iter([0.0, 200.0, 201.0]), []
    loader = SimpleNamespace(contract=None, loads=0, failure=None, is_committing=is_committing, close=lambda: None)

    def await_end(seconds: float) -> bool:
        if states[1:] or (now := next(clock)) > 200:
            stopping.set()
            return False
        monkeypatch.setattr(feed_runner, "monotonic", lambda: now)
        runner.watch({0: 1}, 5, 5, {})
        return False

    def report(state: str | None = None, message: str = "", latest: object = None) -> None:
        states.append(state)
        runner._state = (state, message)

    monkeypatch.setattr(FeedRunner, "_open", lambda *_: (loader, {}))
    monkeypatch.setattr(FeedRunner, "_report_waiting", lambda *_: None)
    monkeypatch.setattr(runner, "report", report)
    monkeypatch.setattr(stopping, "wait", lambda _: stopping.set())
    query.awaitTermination.side_effect = await_end
    runner.run()
    assert states == STATES[is_committing]


def test_what_failed_is_opened_again_as_failed(query: Mock, stopping: Event, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two tries nobody reads that it is starting, which is well."""
    ledger, opened = Mock(), []

    def open_feed(*how: str) -> None:
        opened.append(how[3:])
        if len(opened) == 2:
            stopping.set()
        raise OSError("Kafka is away")

    ledger.open_feed.side_effect = open_feed
    ledger.contracts = {FEED: load_contract(FEED)}
    topic = SimpleNamespace(name=FEED, uuid="u", partitions=(0,))
    monkeypatch.setattr(feed_runner, "FeedTopic", lambda *_: topic)
    monkeypatch.setattr(feed_runner, "try_contract", lambda _: None)
    monkeypatch.setattr(stopping, "wait", lambda _: False)
    settings = Settings(kafka="127.0.0.1:1", record_key=SEAL.key)
    FeedRunner(Mock(), settings, FEED, ledger, stopping).run()
    assert opened == [("starting", ""), ("retrying", "OSError: Kafka is away")]
