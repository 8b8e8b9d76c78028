"""How far a feed is behind its topic, and what a topic that has gone says of that: nothing."""

from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock, call

import pytest

from millrace.errors import Refused
from millrace.kafka.connection import Unanswered
from millrace.kafka_account import KafkaAccount
from spark.app import lag_sampler
from spark.app.lag_sampler import Sample, run_sampler, sample

KNOWN = "AAAAAAAAAAAAAAAAAAAAAA"


def sampled(
    committed: dict[int, int], latest: dict[int, int], stable: dict[int, int] | None = None, uuid: str | None = KNOWN
) -> tuple[Sample | None, Any]:
    """The sample, and the ledger that was told of it."""
    broker: Any = SimpleNamespace(
        latest_offsets=lambda _: latest, stable_offsets=lambda _: stable or latest, topic_uuid=lambda _: uuid
    )
    ledger = Mock()
    ledger.committed_offsets.return_value, ledger.known_topic.return_value = committed, KNOWN
    ages: Any = SimpleNamespace(oldest=lambda _topic, _behind: 7.5)
    return sample(ages, broker, ledger, "shares"), ledger.record_sample


@pytest.mark.parametrize(
    ("committed", "stable", "expected"),
    [
        ({0: 9, 1: 4}, None, (0, 0, {})),
        ({0: 5}, None, (8, 8, {})),
        ({0: 5, 1: 4}, {0: 5, 1: 4}, (4, 0, {0: 5})),
        ({0: 5, 1: 2}, {0: 7, 1: 2}, (6, 2, {1: 2})),
    ],
    ids=["all is loaded", "all that waits can be read", "an open transaction", "one, and records before another"],
)
def test_what_waits_and_what_of_it_can_be_read(
    committed: dict[int, int], stable: dict[int, int] | None, expected: tuple[int, int, dict[int, int]]
) -> None:
    latest = {0: 9, 1: 4}
    found, told = sampled(committed, latest, stable)
    assert found == Sample(latest, committed, *expected)
    told.assert_called_once_with("shares", expected[0], 7.5 if expected[0] else 0.0)


@pytest.mark.parametrize(("latest", "uuid"), [({}, None), ({0: 3}, "BBBBBBBBBBBBBBBBBBBBBB")], ids=["gone", "another"])
def test_the_ends_of_another_topic_are_not_those_of_the_one_that_is_known(
    latest: dict[int, int], uuid: str | None
) -> None:
    found, told = sampled({0: 9}, latest, uuid=uuid)
    assert found is None
    told.assert_not_called()


KNOWS_NOTHING = Sample({0: 3}, {0: 3}, 0, 0, {})


@pytest.mark.parametrize(
    ("answers", "told", "noted"),
    [
        ([Unanswered("Kafka does not answer")], [call.kafka_is_silent(70.0)] * 2, 1),
        ([Refused("Kafka refuses that"), ValueError()], [call.kafka_answers()] * 2, 0),
        ([KNOWS_NOTHING, None], [call.kafka_answers()] * 2, 0),
    ],
    ids=["one Kafka for all", "topics of their own", "it answers"],
)
def test_a_kafka_that_does_not_answer_is_told_to_every_feed_and_asked_no_further(
    monkeypatch: pytest.MonkeyPatch, answers: list[object], told: list[object], noted: int
) -> None:
    monkeypatch.setattr(lag_sampler, "sample", Mock(side_effect=answers))
    monkeypatch.setattr(lag_sampler, "monotonic", lambda: 70.0)
    runners, stopping, ledger = [Mock(feed="sales"), Mock(feed="shares")], Mock(), Mock()
    stopping.wait.side_effect = [False, True]
    settings: Any = SimpleNamespace(kafka_account=KafkaAccount(address="127.0.0.1:1"))
    run_sampler(settings, ledger, runners, stopping, Mock())
    assert [runner.method_calls[0] for runner in runners] == told
    assert ledger.note.call_count == noted
