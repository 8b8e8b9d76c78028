"""A topic is opened: does it hold what the ledger has loaded, and what comes next? Where it does not, the ledger jumps.

Kafka acknowledges records before they are on its disk, so that a topic can end before the ledger after a loss of power.
Reading a record again is harmless, so the ledger goes back to the last record that both know.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Protocol

from millrace.record.identity import console_source, times_lost
from millrace.record.mark import Mark, Standing
from spark.topic.offsets import Offsets
from sql.ledger.jumps import Jump


class Topic(Protocol):
    """See spark.topic.feed_topic.FeedTopic."""

    name: str
    uuid: str

    def latest(self) -> Offsets: ...
    def earliest(self) -> Offsets: ...
    def standing(self, partition: int, mark: Mark) -> Standing: ...
    def times(self, partition: int, start: int, end: int) -> dict[int, int]: ...


class Ledger(Protocol):
    """What the ledger knows of the feed and the topic, see sql.ledger.ledger.Ledger."""

    def newest_marks(self, feed: str, topic_uuid: str, ends: Offsets) -> dict[int, Mark]: ...
    def known_marks(self, feed: str, topic_uuid: str, partition: int, end: int) -> list[Mark]: ...
    def typed_from(self, feed: str, topic_uuid: str) -> tuple[tuple[int, int], ...]: ...
    def typed_times(self, feed: str, sources: Sequence[int], start: int, end: int) -> Mapping[tuple[int, int], Any]: ...
    def jump(self, feed: str, topic_uuid: str, jumps: Sequence[Jump], message: str) -> None: ...


AGAIN = "reading went back to before {before}, and what was read before counts as duplicate."
CUT = (
    "The topic {topic} has lost records that were loaded from it (some of {where}). They stay in the table; "
    + AGAIN.format(before="the loss")
)
GONE = (
    "The topic {topic} no longer holds the record that was loaded last, as where it is compacted ({where}); "
    + AGAIN.format(before="it")
)
DROPPED = "The topic {topic} has dropped records before they were loaded ({where}); send again what they were."


@dataclass(frozen=True)
class Opening:
    """A feed's topic and its ledger, compared."""

    ledger: Ledger
    feed: str
    topic: Topic

    def go_on(self, committed: Offsets) -> Offsets:
        """Where to go on in every partition: behind the committed records, new partitions at their beginning.

        Back to the cut where the topic no longer holds what was committed last; on to its first record where it has
        dropped what comes next. The ledger keeps each such jump and says it once.
        """
        marks = self.ledger.newest_marks(self.feed, self.topic.uuid, committed)
        standing = {part: self._standing(part, end, marks.get(part)) for part, end in committed.items()}
        cuts = [self._cut(part, end) for part, end in committed.items() if standing[part] != "held"]
        self._jump([cut for cut in cuts if standing[cut.partition] == "other"], CUT)
        self._jump([cut for cut in cuts if standing[cut.partition] == "gone"], GONE)
        ends = dict.fromkeys(self._latest, 0) | dict(committed) | {cut.partition: cut.to for cut in cuts}
        dropped = [Jump("dropped", part, end, self._earliest.get(part, 0)) for part, end in ends.items()]
        dropped = [jump for jump in dropped if jump.to > jump.start]
        self._jump(dropped, DROPPED)
        ends |= {jump.partition: jump.to for jump in dropped}
        return {part: ends[part] for part in self._latest}

    def _jump(self, jumps: list[Jump], message: str) -> None:
        if jumps:
            where = ", ".join(_between(jump) for jump in jumps)
            self.ledger.jump(self.feed, self.topic.uuid, jumps, message.format(topic=self.topic.name, where=where))

    @cached_property
    def _earliest(self) -> Offsets:
        return self.topic.earliest()

    @cached_property
    def _latest(self) -> Offsets:
        return self.topic.latest()

    def _standing(self, partition: int, end: int, mark: Mark | None) -> Standing:
        """What is there of the record that was committed last. One that was dropped as old tells nothing."""
        if self._latest.get(partition, 0) < end:
            return "other"
        if mark is None or mark.offset < self._earliest[partition]:
            return "held"
        return self.topic.standing(partition, mark)

    def _holds(self, partition: int, mark: Mark) -> bool:
        return mark.offset < self._latest.get(partition, 0) and self.topic.standing(partition, mark) == "held"

    def _cut(self, partition: int, end: int) -> Jump:
        """The way back to behind the last record that the topic still holds, or to its beginning if none is known."""
        every = self.ledger.known_marks(self.feed, self.topic.uuid, partition, end)
        first = self._earliest.get(partition, 0)
        known = [mark for mark in every if mark.offset >= first]
        held = bisect_left(known, True, key=lambda mark: not self._holds(partition, mark))
        to = known[held - 1].offset + 1 if held else min(first, end)
        return Jump("cut", partition, end, to, self._typed_from(partition, to, end))

    def _typed_from(self, partition: int, start: int, end: int) -> int | None:
        """The first typed record that was loaded and that the topic has lost; None where it has lost none.

        A record typed since may stand at its offset, and would be taken for it. Their times tell them apart. Where none
        stands it may as well be compacted, and nothing can be taken for it.
        """
        before = self.ledger.typed_from(self.feed, self.topic.uuid)
        each = [console_source(self.topic.uuid, partition, times) for times in range(len(before) + 1)]
        loaded = self.ledger.typed_times(self.feed, each, start, end)
        if not loaded:
            return None
        latest = self._latest.get(partition, 0)
        there = self.topic.times(partition, start, min(end, latest))
        for source, offset in sorted(loaded, key=lambda typed: typed[1]):
            is_other = offset >= latest or (offset in there and _moment(there[offset]) != loaded[source, offset])
            if is_other and source == each[times_lost(before, partition, offset)]:
                return offset
        return None


def _moment(milliseconds: int) -> datetime:
    """As the ledger keeps it: UTC without saying so."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).replace(tzinfo=None)


def _between(jump: Jump) -> str:
    first, behind = sorted((jump.start, jump.to))
    return f"{first} to {behind - 1} of partition {jump.partition}"
