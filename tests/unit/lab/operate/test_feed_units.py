"""The feeds' systemd units against lab.yml, with a systemd that only writes down what it is asked."""

from typing import Any

import pytest
import yaml

from lab.operate import feed_units
from millrace.errors import Refused
from millrace.lab_files import CHECKOUT
from millrace.settings import Lab

SETTINGS: dict[str, Any] = yaml.safe_load((CHECKOUT / "lab.yml").read_text(encoding="utf-8"))
FEEDS = ["insurance_rate", "insurance_plan"]
RATES = "millrace-simulate@insurance_rate.service"


def lab_with(feeds: list[str], per_second: float = 20) -> Lab:
    simulators = {"insurance_rate": {"per_second": per_second}}
    return Lab.model_validate({**SETTINGS, "feeds": feeds, "simulators": simulators, "pollers": {}})


class Systemd:
    """Answers list-units from `states`, and keeps every other question."""

    def __init__(self, states: dict[str, str]) -> None:
        self.states = states
        self.asked: list[tuple[str, ...]] = []

    def __call__(self, *arguments: str) -> str:
        if arguments[0] == "list-units":
            return "".join(f"{unit} loaded {state} {state} words\n" for unit, state in self.states.items())
        self.asked.append(arguments)
        return ""


def test_what_lab_yml_wants_is_started() -> None:
    asked = Systemd({})
    started, stopped = feed_units.apply(lab_with(FEEDS), ask=asked)
    assert RATES in started
    assert stopped == []
    assert asked.asked == [("start", "--no-block", *started)]


def test_nothing_is_done_twice() -> None:
    wanted = [unit for feed in FEEDS for unit in feed_units.wanted_units(lab_with(FEEDS), feed)]
    asked = Systemd(dict.fromkeys(wanted, "active"))
    assert feed_units.apply(lab_with(FEEDS), ask=asked) == ([], [])
    assert asked.asked == []


def test_a_feed_that_is_off_is_stopped_with_what_a_person_started() -> None:
    asked = Systemd(
        {RATES: "active", "millrace-device@insurance_rate.service": "active", "millrace-x@other.path": "failed"}
    )
    _, stopped = feed_units.apply(lab_with(["insurance_network"]), ask=asked)
    assert stopped == ["millrace-device@insurance_rate.service", RATES]


def test_what_a_person_started_goes_on_while_the_feed_is_on() -> None:
    asked = Systemd({"millrace-device@insurance_rate.service": "active"})
    assert feed_units.apply(lab_with(FEEDS), ask=asked)[1] == []


def test_what_runs_begins_anew_with_other_code_also_where_nobody_asked_for_it() -> None:
    """A landing folder's service runs as long as files come, a device until a person stops it."""
    busy = {"millrace-landing@insurance_rate.service": "activating", "millrace-device@insurance_rate.service": "active"}
    asked = Systemd({RATES: "active", **busy, "millrace-land@other.service": "inactive"})
    started, stopped = feed_units.apply(lab_with(FEEDS), restart=True, ask=asked)
    assert {RATES, *busy} <= set(started)
    assert stopped == []
    assert asked.asked == [("restart", "--no-block", *started)]


@pytest.mark.parametrize(("feeds", "per_second"), [(FEEDS, 0), (["insurance_rate"], 20)])
def test_no_simulator_runs_without_a_rate_or_without_its_other_feed(feeds: list[str], per_second: float) -> None:
    assert not feed_units.is_simulated(lab_with(feeds, per_second), "insurance_rate")


def test_a_poller_takes_the_place_of_the_simulator_which_it_runs_itself() -> None:
    lab = Lab.model_validate({**lab_with(FEEDS).model_dump(), "pollers": {"insurance_rate": {}}})
    wanted = feed_units.wanted_units(lab, "insurance_rate")
    assert "millrace-poll@insurance_rate.service" in wanted
    assert RATES not in wanted


def test_a_failed_unit_is_started_again() -> None:
    asked = Systemd({RATES: "failed"})
    started, _ = feed_units.apply(lab_with(FEEDS), ask=asked)
    assert RATES in started
    assert asked.asked[0] == ("reset-failed", RATES)


def test_new_code_restarts_all() -> None:
    asked = Systemd({RATES: "active"})
    started, _ = feed_units.apply(lab_with(FEEDS), restart=True, ask=asked)
    assert RATES in started
    assert asked.asked == [("restart", "--no-block", *started)]


def test_a_feed_is_held_with_the_simulator_that_also_sends_to_it() -> None:
    asked = Systemd({RATES: "active", "millrace-device@insurance_plan.service": "active", "other.service": "active"})
    assert feed_units.hold(lab_with(FEEDS), "insurance_plan", asked) == [
        "millrace-device@insurance_plan.service",
        RATES,
    ]
    assert asked.asked == [("stop", "millrace-device@insurance_plan.service", RATES)]


def test_what_systemd_refuses_is_one_sentence() -> None:
    with pytest.raises((Refused, FileNotFoundError)):
        feed_units.systemctl("no-such-verb")
