"""Does Kafka still hold what it has acknowledged? After a loss of power, or from an older copy of its disk, it may not.

What has gone is sent again from the last record that is there; a record that is loaded already changes nothing.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import groupby
from typing import Protocol

import orjson

from millrace.kafka.topic_reader import Stored
from producer.kafka.journal import Entry, Journal, Position

log = logging.getLogger(__name__)
Holds = Callable[[str, int, Position], bool]
"""Whether a feed's topic holds, of that source, the record that was acknowledged at that position."""
MOST_AT_ONCE = 1_000
"""Sources that are looked at one by one, at some 20 ms each; the others' turn comes next time."""


class Ends(Protocol):
    """Who knows where topics begin and end; millrace.kafka.broker.Broker does."""

    def latest_offsets(self, topic: str) -> dict[int, int]: ...
    def earliest_offsets(self, topic: str) -> dict[int, int]: ...


class Records(Protocol):
    """Who reads single records; millrace.kafka.topic_reader.TopicReader does."""

    def record_at(self, topic: str, partition: int, offset: int) -> Stored | None: ...


class HeldRecords:
    """See Holds. Refused when Kafka does not answer."""

    def __init__(self, ends: Ends, records: Records) -> None:
        self._ends, self._records = ends, records

    def __call__(self, feed: str, source: int, position: Position) -> bool:
        """A record that was dropped as old was there for long enough."""
        if position.offset >= self._ends.latest_offsets(feed).get(position.partition, 0):
            return False
        if position.offset < self._ends.earliest_offsets(feed)[position.partition]:
            return True
        found = self._records.record_at(feed, position.partition, position.offset)
        return found is not None and _is_event_of(found.value, source, position.row)


def has_lost(journal: Journal, holds: Holds, feed: str, source: int) -> bool:
    """Whether a partition no longer holds the last record of the source that it acknowledged."""
    positions = journal.positions(feed, source)
    return not all(holds(feed, source, next(of)) for _, of in groupby(positions, key=lambda each: each.partition))


def taken_back(journal: Journal, holds: Holds, entry: Entry) -> Entry:
    """The entry, taken back to the last record before which Kafka still holds everything."""
    lost = [row for row in _lost_after(journal.positions(entry.feed, entry.source), entry, holds) if row is not None]
    if not lost:
        return entry
    back = replace(entry, acknowledged=min(lost), state="sending")
    journal.put(back)
    log.warning(
        "%s: Kafka has lost records of %s that it had acknowledged; those behind number %d are sent again.",
        *(entry.feed, entry.name, back.acknowledged),
    )
    return back


def lost_since(journal: Journal, holds: Holds, feed: str, topic_uuid: str, partitions: Iterable[int]) -> list[Entry]:
    """What was sent whole to that topic, and of which it has lost records since; the oldest first.

    What was seen there once is not looked at again one by one. Of a partition in which the last of it still stands,
    nothing before that is lost either; else one is looked at after the other, until one stands.
    """
    new = journal.not_looked_at(feed, topic_uuid, MOST_AT_ONCE)
    lost = {entry.source: entry for entry in new if has_lost(journal, holds, feed, entry.source)}
    for partition in partitions:
        for source, position in journal.held_positions(feed, topic_uuid, partition):
            if holds(feed, source, position):
                break
            if source not in lost and (entry := journal.entry(feed, source)):
                lost[source] = entry
    journal.set_lost(feed, lost)
    # Only now: what was seen before the others were looked at is as old as they are for the next look.
    journal.set_held(feed, [entry.source for entry in new if entry.source not in lost])
    return sorted(lost.values(), key=lambda entry: entry.version)


def _lost_after(positions: Iterable[Position], entry: Entry, holds: Holds) -> Iterable[int | None]:
    """Per partition, the last record known to be there where later ones are lost; None where none is."""
    for _, of in groupby(positions, key=lambda each: each.partition):
        newest, *older = of
        if holds(entry.feed, entry.source, newest):
            yield None
        else:
            yield next((position.row for position in older if holds(entry.feed, entry.source, position)), 0)


def _is_event_of(value: bytes | None, source: int, row: int) -> bool:
    try:
        event = orjson.loads(value or b"")
    except orjson.JSONDecodeError:
        return False
    return isinstance(event, dict) and (event.get("source"), event.get("row")) == (source, row)
