"""The soak performs other drills, each once, in an order by the seed; it is performed by name only."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from types import SimpleNamespace
from typing import Any

import pytest

from drills import __main__ as command
from drills.acts import soak
from drills.acts.soak import Samples
from drills.all_drills import DRILLS, NOT_IN_SOAK, SHORT
from drills.drill import Drill
from drills.endure import Endured
from drills.waiting import Failed, Skipped, until
from millrace.errors import Refused


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of what was performed; nothing takes time, and memory is flat."""
    monkeypatch.setattr(soak, "_pause", lambda _moment: None)
    monkeypatch.setattr(soak, "sampled", lambda _scene: nullcontext(Samples()))
    monkeypatch.setattr(soak.memory, "growing", lambda *_: [])  # type: ignore[attr-defined]
    monkeypatch.setattr(soak.rate, "too_few", lambda *_: [])  # type: ignore[attr-defined]

    def endured(drill: Drill, scene: Any, _report: Any) -> Endured:
        with drill.act(scene):
            return Endured(1.0)

    monkeypatch.setattr(soak, "endure", endured)
    return []


def scene(seed: int) -> Any:
    return SimpleNamespace(traffic=SimpleNamespace(seed=seed))


def drills(done: list[str]) -> list[Drill]:
    def act_of(name: str) -> Any:
        @contextmanager
        def act(_scene: Any) -> Iterator[None]:
            done.append(name)
            yield

        return act

    return [Drill(f"d{number}", "x", act_of(f"d{number}")) for number in range(30)]


def test_one_drill_after_another_none_twice(done: list[str]) -> None:
    for seed in (1, 1, 2):
        with soak.of(drills(done))(scene(seed)):
            pass
    first, again, other = done[:15], done[15:30], done[30:]
    assert first == again != other
    assert len(set(first)) == 15


def test_memory_that_grows_fails_it(done: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(soak.memory, "growing", lambda *_: ["driver: it grows"])  # type: ignore[attr-defined]
    with pytest.raises(Failed, match=r"driver: it grows \(seed 7\)"), soak.of(drills(done))(scene(7)):
        pass


def test_a_thin_traffic_fails_it_and_each_interval_is_told(
    done: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seen: list[Any] = []
    monkeypatch.setattr(soak.rate, "too_few", lambda intervals, _: seen.extend(intervals) or ["it is thin"])  # type: ignore[attr-defined]
    with pytest.raises(Failed, match=r"it is thin \(seed 7\)"), soak.of(drills(done))(scene(7)):
        pass
    assert [one.name for one in seen] == [*done, "the calm"]
    told = [line.strip() for line in capsys.readouterr().err.splitlines() if "records acknowledged" in line]
    assert [line.split(",")[1].split(":")[0].strip() for line in told] == [*done, "the calm"]


def test_what_kafka_takes_is_counted_beside_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also behind a moment when the kafka machine was away."""
    answers: list[Any] = [{"sales": 5, "weather": 6}, Refused("kafka is away"), {"sales": 7, "weather": 8}]

    def acknowledged() -> dict[str, int]:
        answer = answers.pop(0) if answers else {"sales": 9}
        if isinstance(answer, Refused):
            raise answer
        return dict(answer)

    monkeypatch.setattr(soak, "SAMPLE_SECONDS", 0.001)
    monkeypatch.setattr(soak.memory, "take_samples", lambda at: [at])  # type: ignore[attr-defined]
    taken: Any = SimpleNamespace(traffic=SimpleNamespace(acknowledged=acknowledged))
    with soak.sampled(taken) as samples:
        until(lambda: len(samples.counts) > 2, "it is counted", 20)
    assert [count.records for count in samples.counts[:3]] == [11, 15, 9]
    assert len(samples.processes) > len(samples.counts)


def test_what_a_drill_finds_wrong_fails_it_and_one_that_cannot_be_performed_does_not(
    done: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(soak, "endure", lambda *_: Endured(70.0, wrong=["it took too long"]))
    with pytest.raises(Failed, match=r"d[0-9]+: it took too long"), soak.of(drills(done))(scene(7)):
        pass

    def skipped(*_: Any) -> Endured:
        raise Skipped("no such machine")

    monkeypatch.setattr(soak, "endure", skipped)
    with soak.of(drills(done))(scene(7)):
        pass


def test_what_is_left_out_exists_and_enough_is_left() -> None:
    names = {drill.name for drill in SHORT}
    assert names > NOT_IN_SOAK
    assert len(names - NOT_IN_SOAK) >= 15


def test_it_is_performed_by_name_only(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    performed: list[list[Drill]] = []

    def perform_all(wanted: list[Drill], _found: list[Any]) -> None:
        performed.append(wanted)

    monkeypatch.setattr(command, "_perform_all", perform_all)
    assert command.main([]) == command.main(["soak"]) == 0
    assert [drill.name for drill in performed[1]] == ["soak"]
    assert performed[0] == [drill for drill in DRILLS if not drill.by_name]
    assert command.main(["--list"]) == 0
    (line,) = (line for line in capsys.readouterr().out.splitlines() if line.startswith("soak "))
    assert line.rstrip().endswith("by NAME only")
