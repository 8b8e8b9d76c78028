"""Room in a topic. It is bounded by size, so the producer must stop before the broker drops what nobody has read."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from millrace.errors import Refused
from millrace.waiting import Patience

ReadUpTo = Callable[[], dict[int, int]]
"""Asks the ledger how far each partition is committed."""

SAFE_SHARE = 0.8
KNOWN_SECONDS = 5.0
"""How long an answer counts; Kafka itself looks every 30 s what it may drop."""
RECORD_OVERHEAD = 24
"""Bytes Kafka adds to an event, at most."""


@dataclass
class Backpressure:
    """Watches the unread bytes of each partition against what the topic keeps.

    `retention_bytes` asks for that, per partition, again and again: `make up` may change it meanwhile.
    `start`: the topic's ends before this send. `read_up_to` gives the committed ends; without it what this send adds
    counts as unread. `patience`: seconds without any reading after which waiting ends with a sentence.
    """

    feed: str
    retention_bytes: Callable[[str], int]
    start: dict[int, int]
    read_up_to: ReadUpTo | None = None
    patience: float = 120
    pause: Callable[[float], None] = time.sleep
    on_wait: Callable[[str], None] = lambda _text: None
    _bytes: int = 0
    _events: int = 0
    _kept: int = field(init=False)
    _asked: float = field(init=False)
    _ends: dict[int, int] = field(init=False)
    _committed: dict[int, int] = field(init=False)

    def __post_init__(self) -> None:
        self._kept, self._asked = self.retention_bytes(self.feed), time.monotonic()
        self._ends = dict(self.start)
        # Until the ledger is asked, all of the topic counts as unread: asking early is cheap, dropping records is not.
        self._committed = {} if self.read_up_to else dict(self.start)

    def sent(self, partition: int, end: int, events: int, size: int) -> None:
        """A batch is acknowledged, up to the offset `end`."""
        self._ends[partition] = end
        self._events += events
        self._bytes += size + events * RECORD_OVERHEAD

    def wait(self, in_flight: int = 0) -> None:
        """Return when every partition has room beside the bytes in flight; asks the ledger only when it may not."""
        self._ask_again()
        waiting = Patience(self.patience)
        while not self._has_room(in_flight):
            before = self._committed
            self._committed = self.read_up_to() if self.read_up_to else before
            if self._has_room(in_flight):
                return
            if self._committed != before:
                waiting.moved()
            elif self.read_up_to is None or waiting.is_over:
                raise Refused(
                    f"The topic {self.feed} is full of records that are not in MySQL yet; see `make status`, and send "
                    "again when the pipeline has read them: what is acknowledged is not sent twice."
                )
            self.on_wait("waiting for the pipeline to read")
            self.pause(0.2)

    def _ask_again(self) -> None:
        """What Kafka does not say now stays as it was; whoever publishes finds out that it is away."""
        if time.monotonic() - self._asked > KNOWN_SECONDS:
            self._asked = time.monotonic()
            with suppress(Refused):
                self._kept = self.retention_bytes(self.feed)

    def _has_room(self, in_flight: int) -> bool:
        mean = self._bytes / self._events if self._events else 0
        unread = max((end - self._committed.get(part, 0) for part, end in self._ends.items()), default=0)
        return unread * mean + in_flight < self._kept * SAFE_SHARE
