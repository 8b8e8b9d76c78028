"""Waiting for what must happen; a drill fails with what it waited for."""

from collections.abc import Callable

from millrace.errors import Refused
from millrace.waiting import ask_until

DEADLINE = 300.0
"""Seconds after which something that has not happened never will."""


class Failed(Refused):
    """What a drill has found wrong, in one sentence."""


class Skipped(Refused):
    """Why a drill cannot be performed here."""


def until(is_so: Callable[[], bool], what: str, seconds: float = DEADLINE) -> None:
    """Asks until it is so; a service that does not answer meanwhile is no answer yet. Failed after so many seconds."""
    why = [""]

    def ask() -> bool:
        try:
            return is_so()
        except Refused as refused:
            why[0] = f" ({refused})"
            return False

    if not ask_until(ask, bool, seconds=seconds, pause=0.5):
        raise Failed(f"Not within {seconds:.0f} s: {what}{why[0]}.")
