"""How the lab comes out of a drill is measured from the end of the cause, and judged."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from drills import endure as module
from drills import scene as scene_module
from drills.drill import ANEW, GOES_ON, NOTHING, Drill, Effect
from drills.endure import endure
from spark.app.lag_sampler import INTERVAL_SECONDS
from sql.schema.ledger_tables import WAITING_SECONDS


class Scene(SimpleNamespace):
    """A lab whose clock moves by what is done in it."""

    now = 1000.0
    epoch = 1
    recovers_after = 5.0
    """Seconds after the act's end."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.traffic = SimpleNamespace(acknowledged=lambda: {"sales": 10})

    forget_recovery, cause_is_gone = scene_module.Scene.forget_recovery, scene_module.Scene.cause_is_gone
    has_recovered = scene_module.Scene.has_recovered

    def is_sending(self) -> bool:
        return True

    def read(self) -> dict[str, int]:
        self.now += self.recovers_after
        return {"sales": 11}

    told_after = 2.0

    def reports(self, pattern: str) -> bool:
        self.now += self.told_after
        return pattern == "what is said"


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    made = Scene()
    monkeypatch.setattr(module, "monotonic", lambda: made.now)
    monkeypatch.setattr(scene_module, "monotonic", lambda: made.now)
    monkeypatch.setattr(module, "ask_until", lambda ask, _is_enough, **_: ask())
    monkeypatch.setattr(module, "until", lambda is_so, _what: is_so())
    monkeypatch.setattr(module, "missing_dashboard", lambda: setattr(made, "now", made.now + 30))
    return made


def drill(act: Any, expects: Effect = NOTHING, *, screens: bool = False) -> Drill:
    return Drill("breaks", "x", act, expects, screens=screens)


@contextmanager
def lasting(_scene: Any) -> Iterator[None]:
    yield


@contextmanager
def gone_before_its_end(scene: Any) -> Iterator[None]:
    yield
    scene.cause_is_gone()
    scene.now += 40


@contextmanager
def recovered_before_its_end(scene: Any) -> Iterator[None]:
    yield
    scene.cause_is_gone()
    scene.now += 7
    scene.has_recovered()
    scene.now += 33


@contextmanager
def several(scene: Any) -> Iterator[None]:
    for seconds in (20, 50):
        scene.cause_is_gone()
        scene.now += seconds
    scene.cause_is_gone()
    yield


@pytest.mark.parametrize(
    ("act", "screens", "seconds"),
    [
        (lasting, False, 5.0),
        (lasting, True, 35.0),
        (gone_before_its_end, False, 45.0),
        (recovered_before_its_end, False, 7.0),
        (several, False, 50.0),
    ],
)
def test_recovery_counts_from_the_end_of_the_cause(scene: Scene, act: Any, screens: bool, seconds: float) -> None:
    assert endure(drill(act, screens=screens), scene, str).recovery_seconds == seconds  # type: ignore[arg-type]
    assert endure(drill(lasting), scene, str).recovery_seconds == 5.0, "the next drill has its own"  # type: ignore[arg-type]


@pytest.mark.parametrize("act", [gone_before_its_end, recovered_before_its_end])
def test_a_soak_has_an_end_of_its_own(scene: Scene, act: Any) -> None:
    @contextmanager
    def soak(scene: Any) -> Iterator[None]:
        yield
        endure(drill(act), scene, str)  # type: ignore[arg-type]
        scene.now += 1200

    assert endure(drill(soak), scene, str).recovery_seconds == 5.0  # type: ignore[arg-type]


@pytest.mark.parametrize(("seconds", "is_right"), [(60.0, True), (60.1, False)])
def test_a_lab_that_takes_longer_than_is_promised_has_failed(scene: Scene, seconds: float, is_right: bool) -> None:
    scene.recovers_after = seconds
    found = endure(drill(lasting), scene, str)  # type: ignore[arg-type]
    assert found.wrong == ([] if is_right else ["All went on 60.1 s after the cause had gone; 60 s are promised."])


def test_what_must_be_reported_is_timed_and_missed(scene: Scene) -> None:
    found = endure(drill(lasting, Effect("what is said")), scene, str)  # type: ignore[arg-type]
    assert (found.reported_seconds, found.wrong) == (2.0, [])
    found = endure(drill(lasting, Effect("never said")), scene, str)  # type: ignore[arg-type]
    assert (found.reported_seconds, found.wrong) == (None, ["`make status` never said 'never said'."])


@pytest.mark.parametrize(("seconds", "is_right"), [(45.0, True), (45.1, False)])
def test_why_feeds_stand_still_is_told_soon(scene: Scene, seconds: float, is_right: bool) -> None:
    scene.told_after = seconds
    late = ["`make status` said 'what is said' after 45.1 s; 45 s are promised."]
    found = endure(drill(lasting, Effect("what is said", stands_still=True)), scene, str)  # type: ignore[arg-type]
    assert (found.reported_seconds, found.wrong) == (seconds, [] if is_right else late)
    found = endure(drill(lasting, Effect("what is said")), scene, str)  # type: ignore[arg-type]
    assert (found.reported_seconds, found.wrong) == (seconds, []), "of others no time is promised"
    found = endure(drill(lasting, Effect("never said", stands_still=True)), scene, str)  # type: ignore[arg-type]
    assert found.wrong == ["`make status` never said 'never said'."]


def test_what_is_promised_follows_from_what_the_application_does() -> None:
    assert module.LOOK_SECONDS == INTERVAL_SECONDS
    assert module.TOLD_SECONDS == WAITING_SECONDS + 2 * INTERVAL_SECONDS + module.ASKING_SECONDS == 45


def test_the_application_must_do_what_is_expected(scene: Scene) -> None:
    assert endure(drill(lasting, GOES_ON), scene, str).wrong == []  # type: ignore[arg-type]
    assert endure(drill(lasting, ANEW), scene, str).wrong == ["The application went on."]  # type: ignore[arg-type]

    @contextmanager
    def another(scene: Any) -> Iterator[None]:
        yield
        scene.epoch += 1

    assert endure(drill(another, GOES_ON), scene, str).wrong == ["The application started anew."]  # type: ignore[arg-type]
    assert endure(drill(another, ANEW), scene, str).wrong == []  # type: ignore[arg-type]
