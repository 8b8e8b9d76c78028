"""Waiting: for an answer, with a deadline, or for some time, unless a stop is asked for."""

import time
from collections.abc import Callable
from typing import TypeVar

from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

Answer = TypeVar("Answer")
STOP_CHECK_SECONDS = 0.5
"""A request to stop is noticed within this time."""


def ask_until(
    ask: Callable[[], Answer], is_enough: Callable[[Answer], bool], *, seconds: float, pause: float = 0.2
) -> Answer:
    """Asks again and again until an answer is enough; after so many seconds the last one, whatever it is."""
    asking = Retrying(
        retry=retry_if_result(lambda answer: not is_enough(answer)),
        stop=stop_after_delay(seconds),
        wait=wait_fixed(pause),
        retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
    )
    answer: Answer = asking(ask)
    return answer


class Patience:
    """Is over so many seconds after something has moved, or after it was made where nothing has."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds, self._clock = seconds, clock
        self._moved_at = clock()

    def moved(self) -> None:
        """Something has moved; it begins anew."""
        self._moved_at = self._clock()

    @property
    def is_over(self) -> bool:
        """Whether nothing has moved for longer."""
        return self._clock() - self._moved_at > self._seconds


def rest(seconds: float, stopped: Callable[[], bool], *, sleep: Callable[[float], None] = time.sleep) -> None:
    """Sleep in short pieces, so that a stop is noticed soon, and a host that slept does not prolong it."""
    until = time.monotonic() + seconds
    while not stopped() and (left := until - time.monotonic()) > 0:
        sleep(min(STOP_CHECK_SECONDS, left))
