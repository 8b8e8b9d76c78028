"""Transactions of one feed that follow each other, some of them beside what else is done for it."""

from collections.abc import Callable
from concurrent.futures import Future, wait
from threading import Thread
from typing import TypeVar

Result = TypeVar("Result")


class TurnLost(Exception):  # noqa: N818 - it says what has become of it
    """What comes before has failed, so this is not done."""


class Turns:
    """Each begins when the one before it has ended; where that failed, it is not done, and none after it.

    One thread gives them all.
    """

    def __init__(self) -> None:
        self._last: Future[object] = Future()
        self._last.set_result(None)

    def now(self, work: Callable[[], Result]) -> Result:
        """Its result, when it is over. A failure is the caller's alone. Raises TurnLost."""
        _check(self._last)
        return work()

    def later(self, work: Callable[[], Result], failed: Callable[[Exception], object]) -> "Future[Result]":
        """Does it in a thread of its own, which calls `failed` with the reason where it fails or is not done."""
        turn: Future[Result] = Future()
        Thread(target=_take, args=(self._last, turn, work, failed), daemon=True).start()
        self._last = turn  # type: ignore[assignment]
        return turn

    def wait(self, seconds: float) -> bool:
        """Whether all are over by then."""
        return not wait([self._last], max(0, seconds)).not_done

    @property
    def are_over(self) -> bool:
        """Whether none is under way."""
        return self._last.done()


def _check(before: "Future[object]") -> None:
    if error := before.exception():
        raise TurnLost(f"What comes before has failed: {error}") from error


def _take(
    before: "Future[object]", turn: "Future[Result]", work: Callable[[], Result], failed: Callable[[Exception], object]
) -> None:
    try:
        _check(before)
        result = work()
    except Exception as error:
        try:
            failed(error)
        finally:
            turn.set_exception(error)
    else:
        turn.set_result(result)
