"""One feed of a simulation: its stream to Kafka, and its position in the journal."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from millrace.errors import Refused
from millrace.kafka.broker import present_uuid
from millrace.waiting import rest
from producer.kafka.backpressure import Backpressure
from producer.kafka.event_sender import EventSender
from producer.kafka.held_records import has_lost, taken_back
from producer.kafka.journal import Entry
from producer.kafka.outlet import Outlet

TICK, SLOW_TICK = 0.2, 10.0
"""Seconds between the small batches of a trickle, and of a thin, endless one: each costs a load, however small."""

CHECK_SECONDS = 30.0
"""How often a stream looks whether Kafka still holds its last records."""

THIN = 50
"""Records per second below which a trickle is thin."""


@dataclass(frozen=True)
class Simulated:
    """What a run sent, by feed. `rows` is the position: every record up to that sequence number is in Kafka."""

    feed: str
    sent: dict[str, int]
    rows: int
    seconds: float
    end_offsets: dict[str, dict[int, int]] = field(default_factory=dict)


class SimulatedFeed:
    """Sends one feed's made-up records. `source`, made of what `fingerprint` tells, is who its records are."""

    def __init__(  # noqa: PLR0913, PLR0917 - where from, where to, and who
        self,
        outlet: Outlet,
        feed: str,
        source: int,
        name: str,
        fingerprint: str,
        progress: Callable[[int], None] = lambda _row: None,
    ) -> None:
        uuid = present_uuid(outlet.topic, feed)
        self.feed, self.source, self._outlet, self._progress = feed, source, outlet, progress
        known = outlet.journal.entry(feed, source)
        if known is None or known.topic_uuid != uuid:
            known = Entry(source, feed, name, fingerprint, uuid, 0, "sending")
            outlet.journal.put(known)
        known = taken_back(outlet.journal, outlet.holds, known)
        self.row = known.acknowledged
        self._uuid = uuid
        self.start = outlet.topic.latest_offsets(feed)
        self._publisher = outlet.publisher(feed)
        backpressure = Backpressure(feed, outlet.topic.retention_bytes, self.start, outlet.read_up_to(feed))
        self.stream = EventSender(self._publisher, sorted(self.start), backpressure, outlet.seal, self._acknowledged)
        self._written, self._noted = 0.0, self.row
        self._checked = time.monotonic()

    def send(self, events: Iterable[tuple[int, bytes]]) -> None:
        """Send (row, event) pairs and wait for the answers. Refused when the journal no longer knows the source:

        its feed has started over, and whoever simulates must begin again.
        """
        self.refuse_outdated()
        self.stream.feed(events)
        self.stream.settle()
        self._note()

    def close(self) -> None:
        """Give up what is not acknowledged, and journal the position."""
        self._publisher.close()
        with suppress(Refused):
            self._note()

    def refuse_outdated(self) -> None:
        """Refused when the feed has started over since this stream was opened, or Kafka has lost what it had."""
        known = self._outlet.journal.entry(self.feed, self.source)
        if known is None or known.topic_uuid != self._uuid:
            raise Refused(f"The feed {self.feed} has started over; its simulator begins again.")
        if time.monotonic() - self._checked > CHECK_SECONDS:
            self._checked = time.monotonic()
            if has_lost(self._outlet.journal, self._outlet.holds, self.feed, self.source):
                raise Refused(f"The topic {self.feed} has lost records; its simulator begins again behind the last.")

    def _acknowledged(self, row: int) -> None:
        self.row = row
        if (now := time.monotonic()) - self._written > 0.2:
            self._note()
            self._written = now
        self._progress(row)

    def _note(self) -> None:
        if self.row == self._noted:
            return
        self._noted = self.row
        self._outlet.journal.acknowledge(self.feed, self.source, self.row, self.stream.positions())


def trickle(
    per_second: Callable[[], float], stopped: Callable[[], bool], paused: Callable[[], bool], most: int | None = None
) -> Iterator[int]:
    """How many records are due now, every tick, until `stopped`, or until it has been `most`; none while `paused`.

    A host that slept is not made up for: at most two ticks' worth is due at once. Ticks are slow where a thin trickle
    goes on for ever; who asked for some records at a rate gets it.
    """
    tick = SLOW_TICK if per_second() < THIN and most is None else TICK
    due, given, last = 0.0, 0, time.monotonic()
    while (most is None or given < most) and not stopped():
        rest(tick, stopped)
        now = time.monotonic()
        due += 0 if paused() else min(now - last, 2 * tick) * per_second()
        last = now
        if whole := int(due):
            due -= whole
            whole = whole if most is None else min(whole, most - given)
            given += whole
            yield whole


def after(row: int, events: Iterator[tuple[int, bytes]]) -> Iterator[tuple[int, bytes]]:
    """The events behind the one of that number."""
    return (event for event in events if event[0] > row)
