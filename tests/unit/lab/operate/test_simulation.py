"""What people are told of a simulator that has become slower."""

from contextlib import nullcontext
from typing import Any

import pytest

from lab.operate import simulation
from lab.operate.simulation import PLACE, notices
from millrace.settings import Settings, Simulator
from producer.simulate.pace import Pace
from producer.simulate.run import Loaded
from sql.notices import Notice

PACE = Pace(20, first=200_000, halves_every=500_000)


def test_a_simulator_at_its_full_rate_tells_nothing() -> None:
    assert notices("shop", 200_000, PACE) == []
    assert notices("shop", 699_999, PACE) == []
    assert notices("shop", 10**9, Pace(20)) == []


def test_a_slower_one_tells_its_rate_and_is_no_trouble() -> None:
    message = (
        "its simulator has sent 1,700,000 records and adds 2.5 a second now, half as many after each further 500,000: "
        "`simulators` in lab.yml says so, that disks do not fill."
    )
    assert notices("shop", 1_700_000, PACE) == [Notice("shop", PLACE, "", "tells", message)]


@pytest.mark.parametrize(("rate", "notices"), [(None, [1, 0]), (20.0, [0, 0])])
def test_what_is_told_is_over_with_the_simulator(
    monkeypatch: pytest.MonkeyPatch, rate: float | None, notices: list[int]
) -> None:
    """A rate that a person has typed stays as it is."""
    reported: list[int] = []
    monkeypatch.setattr(simulation, "kafka_outlet", lambda _settings: None)
    monkeypatch.setattr(simulation, "as_producer", lambda _settings: nullcontext())
    monkeypatch.setattr(simulation, "report", lambda _connection, _feed, _place, notices: reported.append(len(notices)))

    def run(_outlet: None, _feed: str, *, pace: Pace, slowed: Any, **_how: Any) -> None:
        slowed(700_000, pace)

    monkeypatch.setattr(simulation.run, "simulate", run)
    simulation.simulate(Settings(), "shop", Simulator(per_second=20), stopped=lambda: True, rate=rate)
    assert reported == notices


def test_a_simulator_runs_while_mysql_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(simulation, "kafka_outlet", lambda _settings: None)

    def run(_outlet: None, feed: str, *, loaded: Loaded, **_how: Any) -> None:
        asked.append(loaded(feed, 1))

    monkeypatch.setattr(simulation.run, "simulate", run)
    away = Settings(mysql_port=1)
    simulation.simulate(away, "sales", Simulator(per_second=20), stopped=lambda: True)
    assert asked == [0]
