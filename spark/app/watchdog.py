"""Signs of life: threads that hang are noticed by the application, and a hanging application by systemd."""

import os
import socket
from collections.abc import Callable
from contextlib import suppress
from time import monotonic

SILENT_SECONDS = 300
"""Longer than what a thread may wait for: MySQL's answer for 120 s after 90 s of tries, each of Kafka's for 10 s."""


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


def tell_systemd() -> None:
    """Says that the application goes on; systemd ends and restarts it when it has not heard that for SILENT_SECONDS.

    It waits only from the first time on. Without systemd nothing happens. Protocol: sd_notify(3).
    """
    address = os.environ.get("NOTIFY_SOCKET")
    if address:
        path = address.replace("@", "\0", 1) if address.startswith("@") else address
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
            end.sendto(f"WATCHDOG_USEC={SILENT_SECONDS * 1_000_000}\nWATCHDOG=1".encode(), path)
