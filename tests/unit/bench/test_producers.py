"""Four ways into Kafka: what is sent by each, and which figure is taken from what they say."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import orjson
import pytest

from bench import producers
from bench.report.figures import Name, Options, WrongCount
from instruments.tools import Sum
from millrace.errors import Refused

pytestmark = pytest.mark.host
SAID = "20 records sent, 11.0 records/sec (1 MB/sec)\n40 records sent, 1234.5 records/sec (0.9 MB/sec), 3 ms avg\n"


@contextmanager
def rates_file(rows: int) -> Iterator[Path]:
    yield Path(f"bench-{rows}.csv")


@pytest.fixture
def sends(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lab on which everything is new and takes two seconds."""

    @contextmanager
    def warehouse(_settings: object) -> Iterator[Any]:
        yield SimpleNamespace(execute=lambda _query: SimpleNamespace(scalar_one=lambda: 2.0))

    monkeypatch.setattr(producers, "rates_file", rates_file)
    monkeypatch.setattr(producers, "settings", lambda: None)
    monkeypatch.setattr(producers, "warehouse", warehouse)
    monkeypatch.setattr(producers, "source_of", lambda _feed, _file: 7)
    monkeypatch.setattr(producers, "sent", lambda file: Sum(*[int(file.stem[6:])] * 2, 0, 0, 0))


@pytest.mark.parametrize("processes", [1, 2])
def test_the_rate_is_from_the_first_record_to_the_last(sends: None, processes: int) -> None:
    assert producers.own_rate(40, processes) == 20


def test_a_row_that_is_not_new_is_a_wrong_count(sends: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(producers, "sent", lambda _file: Sum(20, 19, 0, 1, 0))
    with pytest.raises(WrongCount):
        producers.own_rate(40, 2)


def test_the_lines_are_the_events_of_the_file(sends: None, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("A,B\n1,x\n2,y\n")
    producers.write_events(tmp_path / "a.csv", tmp_path / "events")
    events = [orjson.loads(line) for line in (tmp_path / "events").read_bytes().splitlines()]
    assert [(event["source"], event["row"], event["data"]) for event in events] == [
        (7, 1, {"A": "1", "B": "x"}),
        (7, 2, {"A": "2", "B": "y"}),
    ]


def test_kafkas_tool_tells_its_rate_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(producers.remote, "put", lambda *_: None)
    monkeypatch.setattr(producers.remote, "run", lambda *_, **__: SAID)
    (tmp_path / "events").write_bytes(b"{}\n")
    assert producers.kafkas_rate(tmp_path / "events", 40) == 1234.5
    with pytest.raises(Refused, match="40 records sent"):
        producers.kafkas_rate(tmp_path / "events", 41)


def test_a_kcat_that_cannot_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(*_: object, **__: object) -> "subprocess.CompletedProcess[str]":
        return subprocess.CompletedProcess([], 1, "", "% ERROR: SASL handshake failed\n")

    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(Refused, match="kcat says: % ERROR: SASL handshake failed"):
        producers.kcats_rate(tmp_path / "events", 40)


def test_who_cannot_be_measured_stands_beside_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_lines: Path, _rows: int) -> float:
        raise Refused("kcat says no")

    monkeypatch.setattr(producers, "quiet", nullcontext)
    monkeypatch.setattr(producers, "words_topic", nullcontext)
    monkeypatch.setattr(producers, "rates_file", rates_file)
    monkeypatch.setattr(producers, "write_events", lambda *_: None)
    monkeypatch.setattr(producers, "own_rate", lambda rows, processes: float(rows * processes))
    monkeypatch.setattr(producers, "kafkas_rate", lambda *_: 9.0)
    monkeypatch.setattr(producers, "kcats_rate", refused)
    found = producers.measure(Options(rows=5), 0)
    assert found[Name("make send, 2 processes", "rows/s")] == 10
    assert str(found[Name("kcat", "rows/s")]) == "kcat says no"
