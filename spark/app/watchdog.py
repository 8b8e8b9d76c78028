"""Signs of life: threads that hang and feeds that stand still are noticed by the application, it itself by systemd."""

import os
import socket
from collections.abc import Callable
from contextlib import suppress
from time import monotonic

from spark.topic.offsets import Offsets

SILENT_SECONDS = 300
"""Longer than what a thread may wait for: MySQL's answer for 120 s after 90 s of tries, each of Kafka's for 10 s."""


STANDSTILL_SECONDS = 180


class Pulse:
    """A thread's last sign of life."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self.beat()

    def beat(self) -> None:
        """The thread is alive."""
        self._at = self._clock()

    def is_lost(self) -> bool:
        """Whether it hangs."""
        return self._clock() - self._at > SILENT_SECONDS


class Outage:
    """A service that does not answer: when that begins and ends, each told once."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._since: float | None = None

    def begins(self) -> bool:
        """It does not answer; whether that is news."""
        is_news, self._since = self._since is None, self._since or self._clock()
        return is_news

    def ends(self) -> float | None:
        """It answers; the seconds it did not, where that is news."""
        since, self._since = self._since, None
        return None if since is None else self._clock() - since


class StoodStill(Exception):  # noqa: N818
    """Records wait, and the query has committed nothing for STANDSTILL_SECONDS."""


class Standstill:
    """Watches one feed's commits."""

    def __init__(self) -> None:
        self._committed: Offsets = {}
        self._since: float | None = None
        self._waits_since: float | None = None

    def waits(self, now: float) -> float:
        """Seconds since it was first seen that records wait and nothing moves."""
        return 0 if self._waits_since is None else now - self._waits_since

    def moved(self) -> None:
        """The feed has just committed, which `seen` finds out some seconds later."""
        self._waits_since = None

    def seen(self, committed: Offsets, lag: int, now: float) -> bool:
        """Whether nothing has moved for too long; `now` is in seconds. It begins anew after it has said so."""
        moves = not lag or committed != self._committed
        self._committed = dict(committed)
        if moves or self._since is None:
            self._since = now
        self._waits_since = None if moves else self._waits_since or now
        is_long = now - self._since >= STANDSTILL_SECONDS
        self._since = None if is_long else self._since
        return is_long


class HeldBack:
    """Watches the transactions that hold back what stands behind their beginning in a feed's topic."""

    def __init__(self) -> None:
        self._since: dict[tuple[int, int], float] = {}

    def seen(self, held: Offsets, now: float) -> None:
        """By partition, where the oldest open one begins up to which all is loaded; `now` is in seconds."""
        self._since = {at: self._since.get(at, now) for at in held.items()}

    def waits(self, now: float) -> float:
        """Seconds since the oldest of them was first seen."""
        return now - min(self._since.values(), default=now)


def notify_systemd() -> None:
    """Says that the application goes on; systemd ends and restarts it when it has not heard that for SILENT_SECONDS.

    It waits only from the first time on. Without systemd nothing happens. Protocol: sd_notify(3).
    """
    address = os.environ.get("NOTIFY_SOCKET")
    if address:
        path = address.replace("@", "\0", 1) if address.startswith("@") else address
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
            end.sendto(f"WATCHDOG_USEC={SILENT_SECONDS * 1_000_000}\nWATCHDOG=1".encode(), path)
