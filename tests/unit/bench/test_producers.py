"""Four ways into Kafka: what is sent by each, and which figure is taken from what they say."""

import csv
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import orjson
import pytest

from bench import producers
from bench.report.figures import Name, Options, WrongCount
from bench.send import write_rates
from millrace.errors import Refused
from millrace.record.seal import DIGEST_BYTES

pytestmark = pytest.mark.host
SAID = "20 records sent, 11.0 records/sec (1 MB/sec)\n40 records sent, 1234.5 records/sec (0.9 MB/sec), 3 ms avg\n"


@pytest.fixture
def lab(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A lab on which all that is sent is in the table, and was sent in two seconds; both may be changed."""
    lab = SimpleNamespace(kept=None, seconds=2.0, held=[])

    @contextmanager
    def rates_file(rows: int) -> Iterator[Path]:
        yield Path(f"bench-{rows}.csv")

    @contextmanager
    def held(*given: Any) -> Iterator[None]:
        lab.held.append(given)
        yield

    @contextmanager
    def warehouse(_settings: object) -> Iterator[Any]:
        kept = lab.held[-1][2] if lab.kept is None else lab.kept
        yield SimpleNamespace(execute=lambda _query: SimpleNamespace(one=lambda: (kept, lab.seconds)))

    monkeypatch.setattr(producers, "rates_file", rates_file)
    monkeypatch.setattr(producers, "held", held)
    monkeypatch.setattr(producers, "settings", lambda: SimpleNamespace(kafka_account=None))
    monkeypatch.setattr(producers, "warehouse", warehouse)
    monkeypatch.setattr(producers, "source_of", lambda _feed, _file: 7)
    return lab


@pytest.mark.parametrize(
    ("processes", "sent"),
    [(1, (Path("bench-40.csv"), 7, 40)), (2, (Path("bench-20.csv"), 7, 40, Path("bench-20.csv")))],
)
def test_the_rate_is_from_the_first_record_to_the_last_while_the_stream_rests(
    lab: SimpleNamespace, processes: int, sent: tuple[object, ...]
) -> None:
    assert producers.own_rate(40, processes) == 20
    assert lab.held == [sent]


def test_a_row_that_is_not_there_is_a_wrong_count(lab: SimpleNamespace) -> None:
    lab.kept = 39
    with pytest.raises(WrongCount, match="Of 40 rows 39 are in the table"):
        producers.own_rate(40, 2)


def test_what_was_sent_at_one_moment_has_no_rate(lab: SimpleNamespace) -> None:
    lab.seconds = 0.0
    with pytest.raises(Refused, match="more ROWS"):
        producers.own_rate(1, 2)


def test_the_lines_are_the_events_that_make_send_would_send(tmp_path: Path) -> None:
    write_rates(tmp_path / "a.csv", 7, 2)
    producers.write_events(tmp_path / "a.csv", tmp_path / "events")
    events = [orjson.loads(line) for line in (tmp_path / "events").read_bytes().splitlines()]
    with (tmp_path / "a.csv").open(newline="") as table:
        assert [event["data"] for event in events] == list(csv.DictReader(table))
    assert [event["row"] for event in events] == [1, 2]
    assert all(len(event["seal"]) == 2 * DIGEST_BYTES for event in events)


def broker(*topics: str, ends: Sequence[int] = (0, 40)) -> Any:
    """Kafka with these topics; the ends of the benchmark's, question by question."""
    left = list(ends)
    return SimpleNamespace(
        topics=lambda: list(topics), latest_offsets=lambda _topic: {0: left.pop(0)}, close=lambda: None
    )


def test_a_topic_of_a_persons_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []
    monkeypatch.setattr(producers.remote, "run", lambda _machine, line, **_: ran.append(line))
    with pytest.raises(Refused, match="The topic words is there already"), producers.words_topic(broker("words")):
        pass
    assert ran == []
    with producers.words_topic(broker("insurance_rate")):
        assert [line.split()[1] for line in ran] == ["--create"]
    assert [line.split()[1] for line in ran] == ["--create", "--delete"]


def test_a_tool_whose_records_are_not_all_there_has_no_rate() -> None:
    assert producers.tools_rate(lambda: 9.0, broker(), 40) == 9
    wrong = producers.tools_rate(lambda: 9.0, broker(ends=(40, 79)), 40)
    assert isinstance(wrong, WrongCount)
    assert str(wrong) == "Of 40 records 39 are in the topic."


def test_kafkas_tool_tells_its_rate_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(producers.remote, "put", lambda *_: None)
    ran: list[str] = []

    def run(_machine: str, line: str, timeout: float) -> str:
        ran.append(line)
        return SAID if timeout else ""

    monkeypatch.setattr(producers.remote, "run", run)
    (tmp_path / "events").write_bytes(b"{}\n")
    assert producers.kafkas_rate(tmp_path / "events", 40) == 1234.5
    assert " acks=all " in ran[0]
    assert ran[0].startswith("_JAVA_OPTIONS=-XX:TieredStopAtLevel=4 ")
    with pytest.raises(Refused, match="40 records sent"):
        producers.kafkas_rate(tmp_path / "events", 41)


def test_a_kcat_that_cannot_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(*_: object, **__: object) -> "subprocess.CompletedProcess[str]":
        return subprocess.CompletedProcess([], 1, "", "% ERROR: SASL handshake failed\n")

    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(Refused, match="kcat says: % ERROR: SASL handshake failed"):
        producers.kcats_rate(tmp_path / "events", 40)


def test_who_cannot_be_measured_stands_beside_the_others(lab: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_lines: Path, _rows: int) -> float:
        raise Refused("kcat says no")

    resting: list[str] = []

    @contextmanager
    def rest(_machine: str, unit: str) -> Iterator[None]:
        resting.append(unit)
        yield

    monkeypatch.setattr(producers, "quiet", nullcontext)
    monkeypatch.setattr(producers, "Broker", lambda _account: broker(ends=(0, 5, 5)))
    monkeypatch.setattr(producers, "words_topic", nullcontext)
    monkeypatch.setattr(producers, "resting", rest)
    monkeypatch.setattr(producers, "write_events", lambda *_: None)
    monkeypatch.setattr(producers, "own_rate", lambda rows, processes: float(rows * processes))
    monkeypatch.setattr(producers, "kafkas_rate", lambda *_: 2.0)
    monkeypatch.setattr(producers, "kcats_rate", refused)
    found = producers.measure(Options(rows=5), 0)
    assert found[Name("make send, 2 processes", "rows/s")] == 10
    assert found[Name("make send, 1 process / kafka-producer-perf-test", "ratio")] == 2.5
    assert str(found[Name("kcat", "rows/s")]) == "kcat says no"
    assert resting == ["millrace-stream.service"]
