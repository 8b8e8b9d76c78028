"""Any feed's simulator: the module beside the others, its position, its rate, and a feed that starts over."""

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import orjson
import pytest

from millrace.contract.contract import load_contract
from millrace.errors import Refused
from millrace.record.identity import simulator_source
from producer.kafka.journal import Journal
from producer.kafka.outlet import Outlet
from producer.simulate import run, simulated_feed
from producer.simulate.pace import Pace
from producer.simulate.simulated_feed import SLOW_TICK, THIN, TICK, Simulated, trickle
from tests.unit.producer.memory_kafka import MemoryKafka
from tests.unit.spark.records import SEAL

FEED = "insurance_network"


class Kafka(MemoryKafka):
    def run(
        self, first: int, per_second: float = 0, ticks: int = 3, halves_every: int | None = None, **how: Any
    ) -> Simulated:
        asked = iter([False] * ticks)
        stopped = (lambda: next(asked, True)) if per_second else (lambda: False)
        pace = Pace(per_second, first, halves_every)
        return run.simulate(self.outlet, FEED, seed=7, first=first, pace=pace, stopped=stopped, **how)

    @property
    def events(self) -> list[dict[str, Any]]:
        return sorted((orjson.loads(event) for event in self.topics[FEED].events), key=lambda event: event["row"])


@pytest.fixture
def kafka(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kafka]:
    module: Any = ModuleType(f"feeds.{FEED}.simulator")
    module.VERSION = 3

    def records(seed: int, after: int = 0) -> Iterator[dict[str, str]]:
        number = after
        while True:
            number += 1
            yield {"BusinessYear": str(seed), "RowNumber": str(number)}

    module.records = records
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(run, "find_spec", lambda name: name == module.__name__ or None)
    monkeypatch.setattr(simulated_feed, "TICK", 0.001)
    journal = Journal(tmp_path / "journal.db")
    yield Kafka(journal)
    journal.close()


def test_the_first_records_are_sent_once(kafka: Kafka) -> None:
    done = kafka.run(700)
    assert (done.sent, done.rows) == ({FEED: 700}, 700)
    assert [event["row"] for event in kafka.events] == list(range(1, 701))
    assert kafka.events[41]["data"] == {"BusinessYear": "7", "RowNumber": "42"}
    assert kafka.events[0]["source"] == simulator_source(FEED, 7, "", 3)
    assert {event["origin"] for event in kafka.events} == {"simulator"}
    assert kafka.run(700).sent == {FEED: 0}
    assert kafka.run(900).rows == 900
    assert [event["row"] for event in kafka.events] == list(range(1, 901))


def test_a_trickle_goes_on_behind_the_first_records(kafka: Kafka) -> None:
    done = kafka.run(10, per_second=1000, ticks=100_000, count=30)
    assert (done.sent, done.rows) == ({FEED: 40}, 40)
    assert [event["row"] for event in kafka.events] == list(range(1, done.rows + 1))


def test_a_simulator_goes_slower_with_every_record_and_says_so(kafka: Kafka) -> None:
    reported: list[tuple[int, float]] = []
    how: dict[str, Any] = {"halves_every": 20, "slowed": lambda row, pace: reported.append((row, pace.halvings(row)))}
    assert kafka.run(10, per_second=1000, ticks=100_000, count=50, **how).rows == 60
    assert [event["row"] for event in kafka.events] == list(range(1, 61))
    assert reported[0] == (10, 0.0)
    assert [int(halvings) for _row, halvings in reported] == [0, 1, 2]


def test_a_pace_depends_on_the_position_alone() -> None:
    pace = Pace(20, first=1000, halves_every=500)
    assert [pace.at(row) for row in (0, 1000, 1500, 2000)] == [20, 20, 10, 5]
    assert Pace(20, first=1000).at(10**9) == 20


def test_what_was_loaded_before_the_topic_was_lost_comes_at_once(kafka: Kafka) -> None:
    """At its pace a simulator would add nothing new for as long as it had taken to get there."""
    asked: list[tuple[str, int]] = []

    def loaded(feed: str, source: int) -> int:
        asked.append((feed, source))
        return 2_500

    done = kafka.run(10, per_second=1000, ticks=100_000, count=5, loaded=loaded)
    assert (done.rows, asked) == (2_505, [(FEED, simulator_source(FEED, 7, "", 3))])
    assert [event["row"] for event in kafka.events] == list(range(1, 2_506))
    assert kafka.run(10, per_second=1000, ticks=100_000, count=5, loaded=loaded).sent == {FEED: 5}


def test_nothing_is_added_while_it_is_paused(kafka: Kafka) -> None:
    assert kafka.run(10, per_second=1000, ticks=40, paused=lambda: True).rows == 10


def test_a_killed_run_goes_on_where_kafka_stopped(kafka: Kafka) -> None:
    kafka.topics[FEED].fail_after = 1_200
    with pytest.raises(Refused, match="stopped answering"):
        kafka.run(3_000)
    kafka.topics[FEED].fail_after = None
    kafka.run(3_000)
    assert [event["row"] for event in kafka.events] == list(range(1, 3_001))


def test_what_kafka_has_lost_is_sent_again(kafka: Kafka) -> None:
    for first in (1_000, 2_000, 3_000):
        kafka.run(first)
    assert kafka.run(3_000).sent == {FEED: 0}
    kafka.lose(FEED, 0, 2_500)
    assert kafka.run(3_000).sent == {FEED: 1_000}
    assert sorted({event["row"] for event in kafka.events}) == list(range(1, 3_001))
    assert kafka.run(3_000).sent == {FEED: 0}


def test_a_running_trickle_ends_when_kafka_has_lost_its_records(kafka: Kafka, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulated_feed, "CHECK_SECONDS", 0.0)

    def lose() -> bool:
        kafka.lose(FEED, 0, 3)
        kafka.topics[FEED].publish(0, [b"another's"] * 50)
        return False

    said = r"^The topic insurance_network has lost records; its simulator begins again behind the last\.$"
    with pytest.raises(Refused, match=said):
        kafka.run(5, per_second=1000, ticks=40, paused=lose)


def test_a_topic_made_anew_gets_everything_again(kafka: Kafka) -> None:
    kafka.run(100)
    kafka.topics.clear()
    kafka.uuid = "second"
    assert kafka.run(100).sent == {FEED: 100}


def test_a_run_ends_when_its_feed_starts_over(kafka: Kafka) -> None:
    def forget() -> bool:
        kafka.journal.forget(FEED)
        return False

    with pytest.raises(Refused, match=r"^The feed insurance_network has started over; its simulator begins again\.$"):
        kafka.run(5, per_second=1000, ticks=40, paused=forget)


def test_a_host_that_slept_is_not_made_up_for(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 0.5, 3600.0, 3600.5])
    monkeypatch.setattr(simulated_feed.time, "monotonic", lambda: next(clock))
    monkeypatch.setattr(simulated_feed, "rest", lambda _seconds, _stopped: None)
    asked = iter([False] * 3)
    assert list(trickle(lambda: 10, lambda: next(asked, True), lambda: False)) == [5, 200, 5]


def test_a_rate_below_one_per_tick_adds_up(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(number / 5 for number in range(60))
    monkeypatch.setattr(simulated_feed.time, "monotonic", lambda: next(clock))
    monkeypatch.setattr(simulated_feed, "rest", lambda _seconds, _stopped: None)
    asked = iter([False] * 50)
    assert sum(trickle(lambda: 0.5, lambda: next(asked, True), lambda: False)) in {4, 5}


@pytest.mark.parametrize(("per_second", "most", "batches"), [(10, 7, [4, 3]), (10, 8, [4, 4]), (1, 1, [1])])
def test_a_trickle_ends_with_the_record_it_may_send_at_most(
    monkeypatch: pytest.MonkeyPatch, per_second: float, most: int, batches: list[int]
) -> None:
    clock = iter(number * 0.4 for number in range(1_000))
    monkeypatch.setattr(simulated_feed.time, "monotonic", lambda: next(clock))
    monkeypatch.setattr(simulated_feed, "rest", lambda _seconds, _stopped: None)
    assert list(trickle(lambda: per_second, lambda: False, lambda: False, most)) == batches


@pytest.mark.parametrize(
    ("per_second", "most", "tick"), [(20, None, SLOW_TICK), (20, 4, TICK), (THIN, None, TICK), (THIN, 4, TICK)]
)
def test_a_thin_trickle_is_slow_where_it_never_ends(
    monkeypatch: pytest.MonkeyPatch, per_second: float, most: int | None, tick: float
) -> None:
    rests: list[float] = []
    clock = iter(number * 0.2 for number in range(1_000))
    monkeypatch.setattr(simulated_feed.time, "monotonic", lambda: next(clock))
    monkeypatch.setattr(simulated_feed, "rest", lambda seconds, _stopped: rests.append(seconds))
    next(trickle(lambda: per_second, lambda: False, lambda: False, most))
    assert set(rests) == {tick}


def test_a_feed_without_a_simulator_is_told() -> None:
    journal = Journal(":memory:")
    kafka = Kafka(journal)
    outlet = Outlet(lambda feed: kafka.topics[feed], kafka, journal, SEAL)
    with pytest.raises(Refused, match=r"^The feed insurance_benefit has no simulator: feeds/insurance_benefit/simula"):
        run.simulate(outlet, "insurance_benefit", seed=1, first=1)
    assert not run.has_simulator("insurance_benefit")
    assert not run.has_simulator("insurance_plan")
    assert not run.has_simulator("parcel")
    assert run.simulated_with("insurance_rate") == ("insurance_plan", "insurance_rate")
    assert load_contract("insurance_rate").feed == run.RATES
