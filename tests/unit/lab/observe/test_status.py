"""The status record: what counts as wrong, and that one silent machine is told once."""

import pytest

from lab.commands.status import age
from lab.observe.ledger import FeedHealth, JobHealth
from lab.observe.machines import MachineStatus
from lab.observe.services import SERVICES, ServiceStatus
from lab.observe.status import FeedStatus, LabStatus, Ledger, feed_status, problems_of, without_tables
from millrace.settings import Lab, load_lab

LAB: Lab = load_lab()


def machine(name: str, up: bool = True) -> MachineStatus:
    return MachineStatus(name, LAB.address(name), up)


def service(unit: str, up: bool = True) -> ServiceStatus:
    known = next(known for known in SERVICES if known.unit == unit)
    return ServiceStatus(unit, known.machine, f"{LAB.address(known.machine)}:{known.port}", up)


def feed(state: str = "running", message: str = "") -> FeedStatus:
    return FeedStatus("insurance_rate", state, message, 10, 0, 10, 0, 0.0, 3.0)


def test_all_well_is_no_problem() -> None:
    assert list(problems_of([machine("kafka")], [service("kafka")], [feed()], "")) == []


def test_a_silent_machine_is_told_once_without_its_services() -> None:
    found = list(problems_of([machine("kafka", up=False)], [service("kafka", up=False)], [feed()], ""))
    assert found == ["machine kafka does not answer at 192.168.33.13: make up"]


def test_a_silent_service_names_its_journal() -> None:
    found = list(problems_of([machine("superset")], [service("superset", up=False)], [], ""))
    assert found == ["superset does not answer at 192.168.33.10:8088: make logs SERVICE=superset"]


def test_a_dead_stream_is_told_once_without_its_feeds() -> None:
    found = list(problems_of([machine("spark")], [service("millrace-stream", up=False)], [feed("retrying")], ""))
    assert found == [
        "the streaming application does not run, or does not reach MySQL: make logs SERVICE=millrace-stream"
    ]


def test_a_stopped_feed_tells_its_message() -> None:
    stopped = feed("stopped", "Its topic was recreated.")
    found = list(problems_of([machine("spark")], [service("millrace-stream")], [stopped], ""))
    assert found == ["feed insurance_rate is stopped: Its topic was recreated."]


def test_feeds_are_not_blamed_when_the_ledger_cannot_be_read() -> None:
    unknown = feed_status("insurance_rate", None, None)
    assert list(problems_of([machine("mysql", up=False)], [], [unknown], "the mysql machine is down")) == [
        "machine mysql does not answer at 192.168.33.14: make up"
    ]


def test_lag_is_the_brokers_end_minus_what_is_committed() -> None:
    health = FeedHealth("insurance_rate", "running", "", {0: 90, 1: 50}, 140, 130, 10, 1.5, 4.0, "api")
    status = feed_status("insurance_rate", health, {0: 100, 1: 50, 2: 7})
    assert (status.topic_records, status.lag, status.rows, status.quarantined) == (157, 17, 130, 10)
    assert status.origin == "api"


@pytest.mark.parametrize(
    ("state", "behind", "last_load", "end", "expected"),
    [
        pytest.param("running", 16.0, 40.0, 100, "waiting", id="nothing is committed"),
        pytest.param("running", 16.0, None, 100, "waiting", id="nothing was ever committed"),
        pytest.param("running", 16.0, 2.0, 100, "running", id="a backlog that moves"),
        pytest.param("running", 3.0, 400.0, 100, "running", id="the first record after a pause"),
        pytest.param("running", 16.0, 40.0, 90, "running", id="loaded since it was looked at"),
        pytest.param("stopped", 16.0, 40.0, 100, "stopped", id="it says how it is"),
    ],
)
def test_a_feed_whose_records_wait_is_not_called_running(
    state: str, behind: float, last_load: float | None, end: int, expected: str
) -> None:
    health = FeedHealth("insurance_rate", state, "", {0: 90}, 90, 90, 0, behind, last_load)
    status = feed_status("insurance_rate", health, {0: end})
    assert status.state == expected
    assert status.right is (expected == "running")
    message = "10 records wait, the oldest for 16 s: make logs SERVICE=millrace-stream"
    assert status.message == (message if expected == "waiting" else "")


@pytest.mark.parametrize(("end", "expected"), [(100, 37.0), (90, 0.0), (None, 37.0)])
def test_nothing_is_behind_where_nothing_waits(end: int | None, expected: float) -> None:
    """As `make up` ends: what the stream wrote down some seconds ago is committed by now."""
    health = FeedHealth("insurance_rate", "running", "", {0: 90}, 90, 90, 0, 37.0, 2.0)
    assert feed_status("insurance_rate", health, None if end is None else {0: end}).behind_seconds == expected


def test_of_a_stream_that_is_not_heard_no_feed_is_called_running() -> None:
    health = FeedHealth("insurance_rate", "running", "", {0: 90}, 90, 90, 0, None, None)
    status = feed_status("insurance_rate", health, {0: 90}, is_heard=False)
    assert (status.state, status.right) == ("unknown", False)


def test_lag_is_unknown_while_kafka_is_silent() -> None:
    health = FeedHealth("insurance_rate", "running", "", {0: 90}, 90, 90, 0, None, None)
    assert feed_status("insurance_rate", health, None).lag is None


def test_json_carries_the_verdict() -> None:
    status = LabStatus([machine("kafka")], [service("kafka")], [feed()], [], [], {}, [])
    assert status.as_json()["ok"] is True
    expected = {"machine": "kafka", "address": "192.168.33.13", "up": True, "facts": None}
    assert status.as_json()["machines"] == [expected]


def test_ages_are_short() -> None:
    assert [age(seconds) for seconds in (None, 0.4, 90, 600, 7_200, 400_000)] == [
        None,
        "0 s ago",
        "90 s ago",
        "10 min ago",
        "2 h ago",
        "5 days ago",
    ]


@pytest.mark.parametrize(
    ("state", "seconds", "right"),
    [("done", 800.0, True), ("failed", 800.0, False), ("failed", None, False), ("done", 7_000.0, False)],
)
def test_a_batch_job_that_failed_or_was_killed_again_and_again_is_marked(
    state: str, seconds: float | None, right: bool
) -> None:
    assert JobHealth("lake", state, "", seconds).right is right


def test_a_feed_without_tables_is_told_whatever_the_ledger_says() -> None:
    for state in ("running", "starting", "unknown"):
        found = list(problems_of([machine("mysql")], [service("millrace-stream")], [without_tables(feed(state))], ""))
        assert found == ["feed insurance_rate is switched on and has no tables: `make up` makes them"]


def test_of_which_feeds_there_are_tables_mysql_must_say() -> None:
    assert Ledger(why="the mysql machine is down").has_tables("shop")
    assert not Ledger(tables=frozenset({"sales"})).has_tables("shop")
    assert Ledger(tables=frozenset({"sales"})).has_tables("sales")
