"""A feed that has records waiting and commits nothing is never called running, and says why."""

from threading import Event
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock, Mock

import pytest
from sqlalchemy.exc import OperationalError

from millrace.kafka_account import KafkaAccount
from spark.app import feed_runner, why_waiting
from spark.app.feed_runner import FeedRunner
from spark.app.watchdog import Standstill

LOCKED = "MySQL waits for a lock that root@localhost (connection 7) holds; it goes on when that session ends."


class Watched:
    """A feed whose query has run for a while, looked at second by second."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now, self.reason = 0.0, LOCKED
        self.loader: Any = SimpleNamespace(loads=0, batches=0, busy_seconds=0.0, records=7, trouble="")
        settings: Any = SimpleNamespace(kafka_account=KafkaAccount(address="127.0.0.1:1"))
        self.ledger = Mock()
        self.runner = FeedRunner(Mock(), settings, "shares", self.ledger, Event())
        monkeypatch.setattr(feed_runner, "monotonic", lambda: self.now)
        monkeypatch.setattr(feed_runner, "why_waiting", lambda *_: self.reason)

    def state_at(self, now: float, busy: float = 0) -> tuple[str, str]:
        """What the ledger has been told at last."""
        self.now, self.loader.busy_seconds = now, busy
        self.runner._report_waiting(self.loader)
        feed, *said, _ = self.ledger.set_feed_state.call_args.args
        assert feed == "shares"
        return tuple(said)


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Watched:
    return Watched(monkeypatch)


def test_a_load_that_takes_long_is_told_with_its_reason_until_it_is_over(watched: Watched) -> None:
    watched.runner.report("running")
    assert watched.state_at(114, busy=14) == ("running", "")
    assert watched.state_at(115, busy=15) == ("waiting", LOCKED)
    watched.reason = why_waiting.NO_EXECUTOR
    assert watched.state_at(117, busy=17) == ("waiting", LOCKED)
    assert watched.state_at(121, busy=21) == ("waiting", why_waiting.NO_EXECUTOR)
    watched.loader.trouble = "3 rows were written, and the server reports 2"
    assert watched.state_at(126, busy=26) == ("waiting", watched.loader.trouble)
    assert watched.state_at(127, busy=0.3) == ("running", "")


def test_records_that_no_load_takes_are_told(watched: Watched) -> None:
    watched.runner.report("running")
    for now in (100, 110, 120, 126):
        watched.now = now
        watched.runner.watch({0: 5}, 3, 3, {})
    assert watched.state_at(126) == ("waiting", LOCKED)
    watched.runner.watch({0: 8}, 0, 0, {})
    assert watched.state_at(127) == ("running", "")


def test_a_kafka_that_does_not_answer_is_why_nothing_is_known_to_wait(watched: Watched) -> None:
    watched.runner.report("running")
    for asked in (100.0, 120.0):
        watched.runner.kafka_is_silent(asked)
    assert watched.state_at(114) == ("running", "")
    watched.reason = why_waiting.NO_KAFKA
    assert watched.state_at(115) == ("waiting", why_waiting.NO_KAFKA)
    watched.loader.trouble = "MySQL has no room"
    assert watched.state_at(120, busy=15) == ("waiting", "MySQL has no room")
    watched.loader.trouble = ""
    watched.runner.kafka_answers()
    assert watched.state_at(121) == ("running", "")


def test_after_a_long_silence_the_query_is_given_time(watched: Watched) -> None:
    """What waited for minutes because of Kafka has not stood still: nobody has looked."""
    watched.runner.report("running")
    watched.runner.watch({0: 5}, 3, 3, {})
    watched.runner.kafka_is_silent(10.0)
    watched.now = 400.0
    watched.runner.kafka_answers()
    watched.runner.watch({0: 5}, 3, 3, {})
    assert not watched.runner._stuck.is_set()
    watched.now = 580.0
    watched.runner.watch({0: 5}, 3, 3, {})
    assert watched.runner._stuck.is_set()


def test_why_it_has_failed_is_not_replaced_by_a_silent_kafka(watched: Watched) -> None:
    watched.runner.report("retrying", "Kafka at k:1 does not answer")
    watched.runner.kafka_is_silent(100.0)
    assert watched.state_at(200) == ("retrying", "Kafka at k:1 does not answer")


def test_what_an_open_transaction_holds_back_is_told_and_the_query_is_left_alone(watched: Watched) -> None:
    watched.runner.report("running")
    for now in range(100, 500, 10):
        watched.now = now
        watched.runner.watch({0: 5}, 3, 0, {0: 5})
    assert watched.state_at(500) == ("waiting", why_waiting.OPEN_TRANSACTION)
    assert not watched.runner._stuck.is_set()
    for now in range(500, 800, 10):
        watched.now = now
        watched.runner.watch({0: 5}, 3, 2, {})
    assert watched.state_at(800) == ("waiting", LOCKED)
    assert watched.runner._stuck.is_set()


def test_a_partition_that_an_open_transaction_holds_back_is_told_while_the_others_go_on(watched: Watched) -> None:
    watched.runner.report("running")
    for now in range(100, 130, 10):
        watched.now = now
        watched.runner.watch({0: 5, 1: now}, 3, 1, {0: 5})
    assert watched.state_at(121, busy=2) == ("waiting", why_waiting.OPEN_TRANSACTION)
    watched.runner.watch({0: 9, 1: 130}, 3, 1, {0: 9})
    assert watched.state_at(122) == ("running", ""), "another one is open, since now"


def test_a_feed_that_has_just_committed_waits_for_nothing(watched: Watched) -> None:
    """The sampler, which knows only what it saw some seconds ago, has seen records wait throughout a long load."""
    watched.runner.report("running")
    for now in (100, 110, 120):
        watched.now = now
        watched.runner.watch({0: 5}, 3, 3, {})
    assert watched.state_at(126, busy=16) == ("waiting", LOCKED)
    watched.loader.loads += 1
    assert watched.state_at(127, busy=0.5) == ("running", "")
    assert watched.state_at(128, busy=1.5) == ("running", "")
    for now in (130, 140):
        watched.now = now
        watched.runner.watch({0: 8}, 3, 3, {})
    assert watched.state_at(146) == ("running", "")
    assert watched.state_at(155) == ("waiting", LOCKED)


def test_what_has_failed_runs_when_a_batch_has_ended_well_and_not_before(watched: Watched) -> None:
    watched.runner.report("retrying", "Unknown column 'x'")
    assert watched.state_at(101, busy=3) == ("retrying", "Unknown column 'x'")
    assert watched.state_at(120, busy=16) == ("waiting", LOCKED)
    watched.runner.report("retrying", "Unknown column 'x'")
    watched.loader.batches = 1
    assert watched.state_at(121) == ("running", "")


def test_what_cannot_be_told_is_told_later(watched: Watched) -> None:
    watched.runner.report("running")
    watched.ledger.set_feed_state.side_effect = OperationalError("UPDATE", None, Exception("MySQL is away"))
    watched.state_at(115, busy=15)
    watched.ledger.set_feed_state.side_effect = None
    watched.runner.report(latest={0: 7})
    assert watched.ledger.set_feed_state.call_args.args == ("shares", "waiting", LOCKED, {0: 7})


def test_records_wait_from_the_moment_that_nothing_moves() -> None:
    watch = Standstill()
    seen = []
    for now, committed, lag in ((0, 5, 0), (10, 5, 2), (20, 5, 9), (30, 6, 9), (40, 6, 9), (50, 6, 0)):
        watch.seen({0: committed}, lag, now)
        seen.append(watch.waits(now + 1))
    assert seen == [0, 1, 11, 0, 1, 0]


@pytest.mark.parametrize(
    ("executors", "blocked_by", "asked", "sentence"),
    [
        (1, None, (9, False), why_waiting.NO_EXECUTOR),
        (2, "root@localhost (connection 7)", (9, True), LOCKED),
        (2, None, (0, False), why_waiting.UNKNOWN),
        (2, None, (9000, False), why_waiting.LOADING.format(records=9000)),
        (2, None, (9000, True), why_waiting.NO_KAFKA),
        (2, OperationalError("SELECT 1", None, Exception("lost")), (9, True), None),
    ],
)
def test_the_reason_is_what_spark_and_mysql_show(
    monkeypatch: pytest.MonkeyPatch,
    executors: int,
    blocked_by: Any,
    asked: tuple[int, bool],
    sentence: str | None,
) -> None:
    spark, ledger = Mock(), Mock()
    ledger.engine.connect.return_value.__enter__ = Mock()
    ledger.engine.connect.return_value.__exit__ = Mock(return_value=False)
    spark.sparkContext.master = "spark://spark:7077"
    monkeypatch.setattr(why_waiting, "executors", lambda _spark: frozenset(map(str, range(executors))))

    def blocker(_: object) -> str | None:
        if isinstance(blocked_by, Exception):
            raise blocked_by
        found: str | None = blocked_by
        return found

    monkeypatch.setattr(why_waiting, "blocker", blocker)
    monkeypatch.setattr(why_waiting, "end_abandoned", lambda _connection, _app: [])
    found = why_waiting.why_waiting(spark, ledger, *asked)
    assert found == sentence if sentence else found.startswith("MySQL does not answer the spark machine: ")


def test_a_session_that_a_task_has_left_behind_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    spark, ledger, asked = Mock(), MagicMock(app="a"), []
    monkeypatch.setattr(why_waiting, "executors", lambda _spark: frozenset({"driver", "executor"}))
    monkeypatch.setattr(why_waiting, "end_abandoned", lambda _connection, app: asked.append(app) or [7])
    assert why_waiting.why_waiting(spark, ledger, 9, False) == why_waiting.ABANDONED
    assert asked == ["a"]
