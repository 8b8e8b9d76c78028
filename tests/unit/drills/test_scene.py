"""What a drill hears of `make status`."""

from types import SimpleNamespace
from typing import Any

import pytest

from drills import scene as module
from drills.scene import Scene
from sql.notices import Notice

LOST = "kafka has dropped 12 records of partition 0 (offsets 3 to 14) that nobody has read."


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    nobody: Any = None
    scene = Scene(nobody, nobody, nobody)
    monkeypatch.setattr(scene, "read", lambda: {"sales": 1})
    monkeypatch.setattr(scene, "_is_under_load", lambda: True)
    return scene


def shows(scene: Scene, monkeypatch: pytest.MonkeyPatch, *lost: str, problems: tuple[str, ...] = ()) -> None:
    notices = [Notice("sales", "kafka", f"jump {number}", "trouble", one) for number, one in enumerate(lost)]
    found = SimpleNamespace(notices=notices, problems=[*problems, *(f"feed sales: {one}" for one in lost)])
    monkeypatch.setattr(scene, "status", lambda: found)


def test_an_earlier_loss_is_neither_a_problem_nor_heard(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    shows(scene, monkeypatch, LOST)
    scene.wait_until_flowing()
    assert scene.problems() == []
    assert not scene.reports("has dropped")


def test_a_new_loss_is_both(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    shows(scene, monkeypatch, LOST)
    scene.wait_until_flowing()
    newer = LOST.replace("12", "2,001")
    shows(scene, monkeypatch, LOST, newer, problems=("mysql does not answer",))
    assert scene.problems() == ["mysql does not answer", f"feed sales: {newer}"]
    assert scene.reports("has dropped")


def test_a_loss_that_the_drill_makes_may_stay(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    shows(scene, monkeypatch)
    scene.wait_until_flowing()
    scene.losses.append("has dropped")
    shows(scene, monkeypatch, LOST)
    assert scene.problems() == []
    assert scene.reports("has dropped")


@pytest.mark.parametrize(("per_second", "is_enough"), [(1_000, True), (999, False)])
def test_a_drill_is_begun_under_a_thousand_records_a_second(
    per_second: int, is_enough: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    traffic: Any = SimpleNamespace(acknowledged=lambda: {"sales": int((now[0] - 100) * per_second), "weather": 0})
    nobody: Any = None
    monkeypatch.setattr(module, "monotonic", lambda: now[0])
    monkeypatch.setattr(module, "sleep", lambda seconds: now.__setitem__(0, now[0] + seconds))
    assert Scene(nobody, traffic, nobody)._is_under_load() is is_enough
