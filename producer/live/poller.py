"""A poller at work: rounds on a schedule, and the simulator in the publisher's place while it does not answer."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from millrace.errors import Refused
from millrace.waiting import rest
from producer.live.poll import Poll, Round
from producer.live.store import PollerState

Simulate = Callable[[Callable[[], bool]], None]
"""Sends simulated records until the question it is given is answered yes."""

MISSES = 2
"""So many rounds without an answer bring the simulator in; the first round of all does so at once."""

FIRST_RETRY = 60.0


class Standby:
    """The simulator in a thread of its own, which can be started and stopped again and again."""

    def __init__(self, simulate: Simulate, say: Callable[[str], None]) -> None:
        self._simulate, self._say = simulate, say
        self._asked_to_end = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Let it run; where it had ended by itself, begin it again."""
        if self._thread is None or not self._thread.is_alive():
            self._asked_to_end.clear()
            self._thread = threading.Thread(target=self._run, name="simulator", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Ask it to end, and wait until what it has sent is acknowledged."""
        self._asked_to_end.set()
        if self._thread is not None:
            self._thread.join(timeout=60)
        self._thread = None

    def _run(self) -> None:
        try:
            self._simulate(self._asked_to_end.is_set)
        except Refused as refused:
            self._say(f"The simulator stopped: {refused}")


@dataclass
class Runner:
    """Keeps one feed supplied, and its state written down for `make status`."""

    poll: Poll
    standby: Standby
    source: Literal["auto", "live", "simulated"]
    every: float
    stopped: Callable[[], bool]
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.time
    _misses: int = field(default=0, init=False)
    _has_answered: bool = field(default=False, init=False)

    def run(self) -> None:
        """Go on until stopped."""
        try:
            while not self.stopped():
                rest(self.step(), self.stopped, sleep=self.sleep)
        finally:
            self.standby.stop()

    def step(self) -> float:
        """One round, or, while only simulated data are wanted, a look at the simulator; the seconds to the next."""
        if self.source == "simulated":
            self.standby.start()
            self._show("simulated", "as lab.yml wants it")
            return self.every
        waits = self._wait_asked_for()
        done = Round(len(self.poll.places), trouble=self._state().message) if waits else self.poll.round()
        if self.stopped():
            return 0.0
        if done.answered:
            return self._answered(done)
        return self._missed(done, waits)

    def _answered(self, done: Round) -> float:
        self._misses, self._has_answered = 0, True
        self.standby.stop()
        new = f"{done.answered} of {done.places} places answered, {done.new} new observations"
        self.poll.say(f"{self.poll.feed}: {new}.")
        self._show("live", done.trouble or new, done.wait)
        return max(self.every, done.wait)

    def _missed(self, done: Round, waits: float) -> float:
        self._misses += 1
        trouble = done.trouble or "no place answered"
        if self.source == "auto" and (self._misses >= MISSES or not self._has_answered):
            self.standby.start()
            self._show("simulated", trouble, waits or done.wait)
        else:
            self._show("waiting", trouble, waits or done.wait)
        return max(waits, done.wait, min(self.every, FIRST_RETRY * 2.0 ** (self._misses - 1)))

    def _wait_asked_for(self) -> float:
        """The seconds that the publisher still wants us to wait, also across a restart; at most a day's."""
        return min(max(self._state().not_before - self.clock(), 0.0), 86_400.0)

    def _state(self) -> PollerState:
        return self.poll.store.poller(self.poll.feed)

    def _show(self, state: str, message: str, wait: float = 0.0) -> None:
        before, now = self._state(), self.clock()
        since = before.since if before.state == state else now
        if before.state != state or (state != "live" and before.message != message):
            self.poll.say(f"{self.poll.feed}: {state}: {message}")
        self.poll.store.put_poller(PollerState(self.poll.feed, state, since, message, now + wait if wait else 0.0))
