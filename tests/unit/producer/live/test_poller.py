"""When the simulator stands in for a publisher, and when it stops again."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest

from millrace.errors import Refused
from producer.live.poll import Poll, Round
from producer.live.poller import Runner, Standby
from producer.live.store import Store

GOOD = Round(3, answered=3, new=2)
OFFLINE = Round(3, trouble="no Internet")


@dataclass
class Rounds:
    """A poll whose rounds are written down before."""

    store: Store
    rounds: list[Round]
    said: list[str] = field(default_factory=list)
    feed: str = "weather"
    places: tuple[int, ...] = (1, 2, 3)
    asked: int = 0

    def round(self) -> Round:
        self.asked += 1
        return self.rounds.pop(0)

    def say(self, line: str) -> None:
        self.said.append(line)


class Simulator:
    """Runs until asked to end, and says so."""

    def __init__(self) -> None:
        self.runs = 0
        self.started = threading.Event()

    def __call__(self, stopped: Callable[[], bool]) -> None:
        self.runs += 1
        self.started.set()
        while not stopped():
            threading.Event().wait(0.005)
        self.started.clear()


@dataclass
class Desk:
    """A runner with its surroundings."""

    store: Store
    simulator: Simulator = field(default_factory=Simulator)
    at: float = 1_000.0

    def runner(self, *rounds: Round, source: Any = "auto") -> Runner:
        self.rounds = Rounds(self.store, list(rounds))
        standby = Standby(self.simulator, self.rounds.say)
        return Runner(cast("Poll", self.rounds), standby, source, 600, lambda: False, clock=lambda: self.at)

    @property
    def state(self) -> tuple[str, str]:
        found = self.store.poller("weather")
        return found.state, found.message

    def is_simulating(self) -> bool:
        return self.simulator.started.wait(30)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    store = Store(tmp_path / "live.sqlite")
    yield Desk(store)
    store.close()


def test_while_the_publisher_answers_nothing_is_simulated(desk: Desk) -> None:
    runner = desk.runner(GOOD)
    assert runner.step() == 600
    assert desk.state == ("live", "3 of 3 places answered, 2 new observations")
    assert desk.simulator.runs == 0


def test_no_answer_at_the_start_brings_the_simulator_in_at_once(desk: Desk) -> None:
    runner = desk.runner(OFFLINE, GOOD)
    assert runner.step() == 60, "a publisher that is away is asked sooner than usual"
    assert desk.state == ("simulated", "no Internet")
    assert desk.is_simulating()
    runner.step()
    assert desk.state[0] == "live"
    assert not desk.simulator.started.is_set(), "it has ended before live is said"


def test_one_missed_round_is_waited_through_a_second_is_not(desk: Desk) -> None:
    runner = desk.runner(GOOD, OFFLINE, OFFLINE)
    runner.step()
    runner.step()
    assert desk.state == ("waiting", "no Internet")
    assert desk.simulator.runs == 0
    assert runner.step() == 120
    assert desk.state == ("simulated", "no Internet")
    assert desk.is_simulating()
    runner.standby.stop()


def test_live_only_never_simulates_and_simulated_only_never_asks(desk: Desk) -> None:
    desk.runner(OFFLINE, OFFLINE, source="live").step()
    assert desk.state == ("waiting", "no Internet")
    assert desk.simulator.runs == 0
    runner = desk.runner(source="simulated")
    runner.step()
    assert desk.rounds.asked == 0
    assert desk.is_simulating()
    runner.standby.stop()


def test_what_the_publisher_asks_is_kept_across_a_restart(desk: Desk) -> None:
    runner = desk.runner(Round(3, trouble="429", wait=1800))
    assert runner.step() == 1800
    runner.standby.stop()
    desk.at += 100
    runner = desk.runner(GOOD)
    assert runner.step() == 1700
    assert desk.rounds.asked == 0
    runner.standby.stop()
    desk.at += 1701
    assert runner.step() == 600
    assert desk.rounds.asked == 1


def test_a_clock_set_back_by_years_does_not_silence_the_poller_for_years(desk: Desk) -> None:
    desk.at = 10_000_000.0
    runner = desk.runner(Round(3, trouble="429", wait=60))
    runner.step()
    desk.at = 0.0
    assert runner.step() <= 86_400
    runner.standby.stop()


def test_a_change_of_state_is_one_line(desk: Desk) -> None:
    runner = desk.runner(OFFLINE, OFFLINE, GOOD)
    for _ in range(3):
        runner.step()
    assert desk.rounds.said == [
        "weather: simulated: no Internet",
        "weather: 3 of 3 places answered, 2 new observations.",
        "weather: live: 3 of 3 places answered, 2 new observations",
    ]


def test_a_simulator_that_gives_up_says_why_and_is_begun_again(desk: Desk) -> None:
    runs: list[int] = []

    def refuses(_stopped: Callable[[], bool]) -> None:
        runs.append(1)
        raise Refused("Kafka is away.")

    runner = desk.runner(OFFLINE, OFFLINE)
    runner.standby = Standby(refuses, desk.rounds.say)
    while len(runs) < 2:  # a thread that has said so may live on for a moment, in which it is not begun again
        runner.step()
        threading.Event().wait(0.01)
    runner.standby.stop()
    assert "The simulator stopped: Kafka is away." in desk.rounds.said


def test_a_stop_is_heard_while_resting(desk: Desk) -> None:
    stop = threading.Event()
    runner = desk.runner(GOOD)
    runner.stopped, runner.sleep = stop.is_set, lambda _seconds: stop.set()
    runner.run()
    assert desk.rounds.asked == 1
