"""Waiting with a deadline, and resting until a stop is asked for."""

import time
from collections.abc import Iterator

import pytest

from millrace.waiting import STOP_CHECK_SECONDS, Patience, ask_until, rest


@pytest.mark.parametrize(
    ("answers", "seconds", "last"),
    [([3], 60, 3), ([1, 2, 3], 60, 3), ([1, 2], 0, 1), ([3], 0, 3)],
)
def test_the_answer_that_is_enough_comes_back_or_the_last_one(answers: list[int], seconds: float, last: int) -> None:
    coming = iter(answers)
    assert ask_until(lambda: next(coming), lambda answer: answer == 3, seconds=seconds, pause=0) == last


def test_patience_begins_anew_whenever_something_moves() -> None:
    now = [100.0]
    waiting = Patience(5, lambda: now[0])
    now[0] = 105.0
    assert not waiting.is_over
    waiting.moved()
    now[0] = 110.0
    assert not waiting.is_over
    now[0] = 110.1
    assert waiting.is_over


def test_an_error_is_no_answer() -> None:
    def fails() -> bool:
        raise OSError("MySQL is away")

    with pytest.raises(OSError, match=r"^MySQL is away$"):
        ask_until(fails, bool, seconds=60)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    yield now
    monkeypatch.undo()


def test_a_rest_is_in_pieces_and_ends_with_a_stop(clock: list[float]) -> None:
    pieces: list[float] = []

    def sleep(seconds: float) -> None:
        clock[0] += seconds
        pieces.append(seconds)

    rest(1.2, lambda: False, sleep=sleep)
    assert pieces == [STOP_CHECK_SECONDS, STOP_CHECK_SECONDS, pytest.approx(0.2)]
    rest(60, lambda: len(pieces) > 4, sleep=sleep)
    assert len(pieces) == 5


@pytest.mark.usefixtures("clock")
def test_no_time_is_no_rest() -> None:
    rest(0, lambda: False, sleep=lambda _seconds: pytest.fail())
