"""What is in Kafka alone is counted, and waited for only where somebody loads it."""

from contextlib import nullcontext

import pytest

from lab.backup import take
from lab.backup.not_loaded import Loaded, Topic, described, unread

TOPIC = Topic("now", {0: 0, 1: 40}, {0: 10, 1: 50})


@pytest.mark.parametrize(
    ("loaded", "left"),
    [
        pytest.param(Loaded("now", {0: 10, 1: 50}), {}, id="all is loaded"),
        pytest.param(Loaded("now", {0: 12, 1: 55}), {}, id="more has come since"),
        pytest.param(Loaded("now", {0: 7, 1: 50}), {"shop": 3}, id="some waits"),
        pytest.param(Loaded("now", {0: 10, 1: 3}), {"shop": 10}, id="what the topic has dropped does not wait"),
        pytest.param(Loaded("now", {0: 10}), {"shop": 10}, id="a partition that is new"),
        pytest.param(Loaded("before", {0: 10, 1: 50}), {"shop": 20}, id="another topic"),
        pytest.param(None, {"shop": 20}, id="never opened"),
    ],
)
def test_what_is_not_loaded(loaded: Loaded | None, left: dict[str, int]) -> None:
    assert unread({"shop": TOPIC}, {"shop": loaded} if loaded else {}) == left


def test_how_it_is_told() -> None:
    assert described({"shop": 3000, "cart": 1}) == "1 of cart, 3,000 of shop"


@pytest.fixture
def lab_loads(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Loaded]]:
    """What the ledger answers, one after another; the last again and again."""
    answers: list[dict[str, Loaded]] = []
    monkeypatch.setattr(take, "settings", lambda: None)
    monkeypatch.setattr(take, "warehouse", lambda _settings: nullcontext())
    monkeypatch.setattr(take, "loaded_now", lambda _connection: answers.pop(0) if len(answers) > 1 else answers[0])
    return answers


def test_a_feed_that_is_on_is_waited_for(lab_loads: list[dict[str, Loaded]]) -> None:
    lab_loads += [{"shop": Loaded("now", {0: 7, 1: 50})}, {"shop": Loaded("now", {0: 10, 1: 50})}]
    assert take.wait_until_loaded({"shop": TOPIC}, ("shop",), seconds=5) == {}
    assert len(lab_loads) == 1


def test_one_that_is_on_and_was_never_opened_is_too(lab_loads: list[dict[str, Loaded]]) -> None:
    lab_loads += [{}, {"shop": Loaded("now", {0: 10, 1: 50})}]
    assert take.wait_until_loaded({"shop": TOPIC}, ("shop",), seconds=5) == {}


def test_one_that_is_off_is_not(lab_loads: list[dict[str, Loaded]]) -> None:
    lab_loads += [{"shop": Loaded("now", {0: 7, 1: 50}, goes_on=False)}, {}]
    assert take.wait_until_loaded({"shop": TOPIC}, ("cart",)) == {"shop": 3}
    assert len(lab_loads) == 1
