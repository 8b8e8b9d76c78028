"""What ends an act ends this drill alone, with a verdict."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from types import SimpleNamespace
from typing import Any

import pytest

from drills import perform as performing
from drills.drill import Drill
from drills.endure import Endured
from drills.waiting import Failed, Skipped


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is looked at after an act; nobody sends anything."""
    done: list[str] = []
    quiet = SimpleNamespace(
        seed=1, start=lambda: None, stop=lambda: None, acknowledged=dict, has_caught_up=lambda: True
    )
    versions = SimpleNamespace(acknowledged=1000, stop=lambda: None)
    version = {"read_count": 500, "loaded": 495, "updated": 0, "duplicates": 0, "quarantined": 5}
    counts = {("insurance_network", 1): version, ("insurance_network", 2): version}
    scene = SimpleNamespace(
        epoch=1,
        losses=[],
        forget_recovery=lambda: None,
        wait_until_flowing=lambda: None,
        counts=lambda: counts,
        run=lambda machine, command: done.append(f"{machine}: {command.split()[2]}"),
    )
    monkeypatch.setattr(performing, "Traffic", lambda _seed: quiet)
    monkeypatch.setattr(performing, "Replacements", lambda *_: versions)
    monkeypatch.setattr(performing, "Scene", lambda *_: scene)
    monkeypatch.setattr(performing, "validate", lambda *_: done.append("everything") or [])
    return done


@pytest.mark.parametrize(
    ("error", "wrong", "skipped"),
    [
        (Failed("not so"), ["not so"], ""),
        (AssertionError("not within 5 s: it runs"), ["not within 5 s: it runs"], ""),
        (KeyError("parcel"), ["KeyError: 'parcel'"], ""),
        (Skipped("no such machine"), [], "no such machine"),
    ],
)
def test_what_ends_an_act_is_a_verdict(looked_at: list[str], error: Exception, wrong: list[str], skipped: str) -> None:
    @contextmanager
    def act(_scene: Any) -> Iterator[None]:
        raise error
        yield

    verdict = performing.perform(Drill("breaks", "x", act), SimpleNamespace())  # type: ignore[arg-type]
    assert (verdict.wrong, verdict.skipped, looked_at) == (wrong, skipped, ["kafka: stop", "everything"])
    assert (verdict.sent, verdict.loaded, verdict.quarantined) == (1000, 990, 10), "the versions of the file"


def test_behind_a_stop_nothing_is_looked_at(looked_at: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def act(_scene: Any) -> Iterator[None]:
        raise Failed("the way back failed, and hides the stop")
        yield

    monkeypatch.setattr("instruments.interrupted._asked", [2])
    with pytest.raises(KeyboardInterrupt):
        performing.perform(Drill("breaks", "x", act), SimpleNamespace())  # type: ignore[arg-type]
    assert looked_at == ["kafka: stop"]


def test_what_cannot_be_looked_at_is_a_verdict_too(looked_at: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def validate(*_: object) -> list[str]:
        raise LookupError("no such table")

    monkeypatch.setattr(performing, "validate", validate)
    monkeypatch.setattr(performing, "_act", lambda *_: None)
    verdict = performing.perform(Drill("looks", "x", None), SimpleNamespace())  # type: ignore[arg-type]
    assert verdict.wrong == ["LookupError: no such table"]


def test_what_was_acknowledged_must_be_so_again(looked_at: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A drill that takes a journal back would else be judged by less than was sent."""
    waited: list[str] = []
    monkeypatch.setattr(performing, "endure", lambda *_: Endured(3.0, 1.0))
    monkeypatch.setattr(performing, "until", lambda is_so, what: waited.append(f"{what}: {is_so()}"))
    verdict = performing.perform(Drill("breaks", "x", nullcontext), SimpleNamespace())  # type: ignore[arg-type]
    assert waited == ["all that was ever acknowledged is acknowledged again: True"]
    assert (verdict.wrong, verdict.recovery_seconds, verdict.reported_seconds) == ([], 3.0, 1.0)
