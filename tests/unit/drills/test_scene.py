"""What a drill hears of `make status`."""

from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest

from drills import scene as module
from drills.scene import Scene, differing_ends
from lab.backup.not_loaded import Loaded, Topic
from sql.notices import Notice

LOST = "kafka has dropped 12 records of partition 0 (offsets 3 to 14) that nobody has read."


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    nobody: Any = None
    scene = Scene(nobody, nobody, nobody)
    monkeypatch.setattr(scene, "read", lambda: {"sales": 1})
    monkeypatch.setattr(scene, "_is_under_load", lambda: True)
    monkeypatch.setattr(scene, "one", lambda _query: 7)
    monkeypatch.setattr(scene, "rows", lambda _query, newest: [])
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


def test_a_loss_in_the_words_of_an_earlier_one_is_heard(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    shows(scene, monkeypatch, LOST)
    scene.wait_until_flowing()
    monkeypatch.setattr(scene, "rows", lambda _query, newest: [{"message": LOST}] if newest == 7 else [])
    assert scene.reports("has dropped")
    assert not scene.reports("made anew")


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


@pytest.mark.parametrize(
    ("loaded", "said"),
    [
        ({"sales": Loaded("A", {0: 7, 1: 3})}, []),
        ({"sales": Loaded("A", {0: 7, 1: 3, 2: 0})}, []),
        ({"sales": Loaded("A", {0: 6, 1: 3})}, ["sales: Kafka ends at {0: 7, 1: 3}, the ledger at {0: 6, 1: 3}"]),
        ({"sales": Loaded("A", {0: 8, 1: 3})}, ["sales: Kafka ends at {0: 7, 1: 3}, the ledger at {0: 8, 1: 3}"]),
        ({"sales": Loaded("A", {0: 7})}, ["sales: Kafka ends at {0: 7, 1: 3}, the ledger at {0: 7}"]),
        ({"sales": Loaded("B", {0: 7, 1: 3})}, ["sales: the ledger has never opened this topic"]),
        ({}, ["sales: the ledger has never opened this topic"]),
    ],
)
def test_a_ledger_must_end_where_kafka_does(loaded: dict[str, Loaded], said: list[str]) -> None:
    topic = Topic("A", {0: 2, 1: 0, 2: 0}, {0: 7, 1: 3, 2: 0})
    assert list(differing_ends(["sales"], {"sales": topic}, loaded)) == said


def test_every_feed_that_is_on_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also those to which the drill sends nothing."""
    monkeypatch.setattr(module, "Broker", lambda _account: SimpleNamespace(close=lambda: None))
    monkeypatch.setattr(module, "warehouse", lambda _settings: nullcontext())
    monkeypatch.setattr(module, "settings", lambda: SimpleNamespace(kafka_account=None))
    monkeypatch.setattr(module, "topics_now", lambda _broker, feeds: dict.fromkeys(feeds[1:], Topic("A", {}, {0: 1})))
    monkeypatch.setattr(module, "loaded_now", lambda _connection: {"weather": Loaded("A", {0: 1})})
    nobody: Any = None
    lab: Any = SimpleNamespace(feeds=("shares", "weather", "employment"))
    assert Scene(lab, nobody, nobody).apart() == [
        "shares: Kafka has no such topic",
        "employment: the ledger has never opened this topic",
    ]


def test_every_source_of_the_traffic_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Versions of the file too; what is read is asked of the simulators alone."""
    asked: list[str] = []
    row = {"read_count": 9, "loaded": 8, "updated": 0, "duplicates": 0, "quarantined": 1}

    def rows(query: str) -> list[dict[str, Any]]:
        asked.append(query)
        return [{"feed": feed, "source_id": source} | row for feed, source in (("sales", 11), ("insurance_network", 2))]

    lab: Any = None
    traffic: Any = SimpleNamespace(sources={"sales": 11, "weather": 12})
    scene = Scene(lab, traffic, SimpleNamespace(sent=[1, 2]))  # type: ignore[arg-type]
    monkeypatch.setattr(scene, "rows", rows)
    nothing = dict.fromkeys(row, 0)
    assert scene.counts() == {
        ("sales", 11): row,
        ("weather", 12): nothing,
        ("insurance_network", 1): nothing,
        ("insurance_network", 2): row,
    }
    assert asked[0].endswith("('sales', 11), ('weather', 12), ('insurance_network', 1), ('insurance_network', 2))")
    assert scene.read() == {"sales": 9, "weather": 0}
