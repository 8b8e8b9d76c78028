"""Records that wait while the stream rests, and the stream's own turn on them."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bench import held
from bench.report.figures import WrongCount
from instruments.failpoints import PRODUCERS, resting
from millrace.errors import Refused

pytestmark = pytest.mark.host
RECORDS = held.Held({0: 5, 1: 7}, {0: 8, 1: 9}, 42, Path("bench-1.csv"))


class Ledger:
    """A connection; every question for commits is answered by the next of these, the last again and again."""

    def __init__(self, *answers: list[tuple[float, int, int]]) -> None:
        self._answers = list(answers)

    def execute(self, query: object, values: object = None) -> Any:
        if values is None:
            return SimpleNamespace(scalar_one=lambda: "now")
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return SimpleNamespace(all=lambda: answer)

    def rollback(self) -> None:
        """Nothing was written."""


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    ran: list[str] = []
    monkeypatch.setattr(held.remote, "run", lambda machine, what: ran.append(f"{machine}: {what}"))
    monkeypatch.setattr(held, "POLL_SECONDS", 0)
    return ran


def test_what_was_interrupted_while_it_came_to_rest_is_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []

    def run(_machine: str, arguments: list[str]) -> str:
        ran.append(" ".join(arguments))
        if "stop" in arguments:
            raise KeyboardInterrupt
        return "millrace-simulate@sales.service loaded active running" if "list-units" in arguments else ""

    monkeypatch.setattr("instruments.failpoints.remote.run", run)
    with pytest.raises(KeyboardInterrupt), resting("kafka", *PRODUCERS):
        pass
    assert ran[-1] == "sudo systemctl start millrace-simulate@sales.service"


def course(monkeypatch: pytest.MonkeyPatch, *answers: list[tuple[float, int, int]]) -> held.Course:
    @contextmanager
    def warehouse(_settings: object) -> Iterator[Ledger]:
        yield Ledger(*answers)

    monkeypatch.setattr(held, "settings", lambda: None)
    monkeypatch.setattr(held, "warehouse", warehouse)
    return held.own_course(RECORDS)


def test_the_stream_is_started_and_stopped_and_its_commits_are_the_course(
    monkeypatch: pytest.MonkeyPatch, commands: list[str]
) -> None:
    found = course(monkeypatch, [], [(20.0, 2, 0)], [(20.0, 2, 0), (21.5, 5, 0)])
    assert (found.seconds, found.rows_per_second) == (21.5, 2)
    assert [command.split("'")[-4] for command in commands] == ["start", "stop"]


def test_a_record_that_is_no_new_row_makes_it_void(monkeypatch: pytest.MonkeyPatch, commands: list[str]) -> None:
    with pytest.raises(WrongCount, match="1 records did not become a new row"):
        course(monkeypatch, [(20.0, 4, 1)])
    assert "stop" in commands[-1]


def test_a_stream_that_loads_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch, commands: list[str]) -> None:
    monkeypatch.setattr(held, "PATIENCE_SECONDS", 0)
    with pytest.raises(Refused, match="It loaded nothing for 0 s, after 0 rows"):
        course(monkeypatch, [])
    assert "stop" in commands[-1]


def topic(*ends: int) -> Any:
    """A broker whose topic grows, question by question, to the last of these."""
    left = list(ends)
    return SimpleNamespace(latest_offsets=lambda _feed: {0: left.pop(0) if len(left) > 1 else left[0]})


def sending(monkeypatch: pytest.MonkeyPatch, code: int | None) -> None:
    process = SimpleNamespace(poll=lambda: code, communicate=lambda: (None, "✗ Kafka is away.\n"))
    monkeypatch.setattr(subprocess, "Popen", lambda *_, **__: process)


def test_what_sends_is_ended_once_all_is_in_the_topic(monkeypatch: pytest.MonkeyPatch, commands: list[str]) -> None:
    sending(monkeypatch, None)
    held.put(topic(10), [Path("/tmp/bench-1.csv"), Path("bench-2.csv")], 10)  # noqa: S108 - they are not opened
    assert commands == ["kafka: sudo pkill -f '[b]ench-1.csv|[b]ench-2.csv' || true"]


def test_what_ends_before_all_is_in_the_topic_says_why(monkeypatch: pytest.MonkeyPatch, commands: list[str]) -> None:
    sending(monkeypatch, 1)
    with pytest.raises(WrongCount, match=r"ends 3 records before what was sent: ✗ Kafka is away\."):
        held.put(topic(7), [Path("bench-1.csv")], 10)
    assert commands


@pytest.mark.parametrize(("rows", "sizes"), [(2_000_000, [750_000_000, 400_000_000]), (1_000, [400_000_000] * 2)])
def test_the_topic_has_room_meanwhile(monkeypatch: pytest.MonkeyPatch, rows: int, sizes: list[int]) -> None:
    asked: list[int] = []

    def resize(sizes: dict[str, int], ledger: Any) -> None:
        assert ledger is held.committed
        asked.append(sizes["insurance_rate"])

    broker = SimpleNamespace(
        retention_bytes=lambda _feed: 400_000_000,
        partitions=lambda _feed: (0, 1, 2, 3),
        resize_topics=resize,
        close=lambda: None,
    )
    monkeypatch.setattr(held, "kafka_account", lambda _user: None)
    monkeypatch.setattr(held, "Broker", lambda _account: broker)
    with held.room_for(rows):
        assert asked == sizes[:1]
    assert asked == sizes
