"""Where a feed goes on in a topic that is as it was, has lost its end, or has dropped its beginning."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from millrace.record.identity import console_source
from millrace.record.mark import Mark, Standing, mark_of
from spark.topic.opening import Opening
from sql.ledger.jumps import Jump

UUID = "AAAAAAAAAAAAAAAAAAAAAA"
Log = list[tuple[int, bytes] | None]
"""A partition's records from offset 0: time and bytes; None where there is none."""


def log(count: int, begin: int = 0, world: str = "old") -> Log:
    return [(1_000 * number, f"{world} {number}".encode()) for number in range(begin, begin + count)]


@dataclass
class Topic:
    """Kafka's side, in memory."""

    logs: dict[int, Log]
    begins: dict[int, int] = field(default_factory=dict)
    name: str = "t"
    uuid: str = UUID
    asked: int = 0

    def latest(self) -> dict[int, int]:
        return {partition: len(records) for partition, records in self.logs.items()}

    def earliest(self) -> dict[int, int]:
        return {partition: self.begins.get(partition, 0) for partition in self.logs}

    def standing(self, partition: int, mark: Mark) -> Standing:
        self.asked += 1
        found = self.logs[partition][mark.offset]
        if found is None:
            return "gone"
        return "held" if mark_of(mark.offset, *found) == mark else "other"

    def times(self, partition: int, start: int, end: int) -> dict[int, int]:
        there = enumerate(self.logs.get(partition, [])[start:end], start)
        return {offset: found[0] for offset, found in there if found is not None}


@dataclass
class Ledger:
    """MySQL's side. `marks`: by partition, by rising offset; `typed`: (partition, offset) → time, of typed records."""

    marks: dict[int, list[Mark]] = field(default_factory=dict)
    typed: dict[tuple[int, int], datetime] = field(default_factory=dict)
    lost_before: tuple[tuple[int, int], ...] = ()
    jumps: list[Jump] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def newest_marks(self, _feed: str, _uuid: str, ends: dict[int, int]) -> dict[int, Mark]:
        return {partition: self.marks[partition][-1] for partition in ends if self.marks.get(partition)}

    def known_marks(self, _feed: str, _uuid: str, partition: int, _end: int) -> list[Mark]:
        return self.marks.get(partition, [])

    def typed_from(self, _feed: str, _uuid: str) -> tuple[tuple[int, int], ...]:
        return self.lost_before

    def typed_times(self, _feed: str, sources: Sequence[int], start: int, end: int) -> dict[tuple[int, int], Any]:
        return {at: sent for at, sent in self.typed.items() if at[0] in sources and start <= at[1] < end}

    def jump(self, _feed: str, _uuid: str, jumps: Sequence[Jump], said: str) -> None:
        self.jumps += jumps
        self.said.append(said)


def marks(records: Log, *offsets: int) -> list[Mark]:
    return [mark_of(offset, *found) for offset in offsets if (found := records[offset]) is not None]


def go_on(topic: Topic, ledger: Ledger, committed: dict[int, int]) -> dict[int, int]:
    return Opening(ledger, "t", topic).go_on(committed)


@pytest.mark.parametrize(
    ("committed", "expected"),
    [({}, {0: 0, 1: 0}), ({0: 20}, {0: 20, 1: 0}), ({0: 15, 1: 3}, {0: 15, 1: 3})],
)
def test_goes_on_behind_the_committed_records(committed: dict[int, int], expected: dict[int, int]) -> None:
    records = log(20)
    ledger = Ledger({0: marks(records, committed.get(0, 20) - 1)})
    assert go_on(Topic({0: records, 1: log(3)}), ledger, committed) == expected
    assert ledger.jumps == []


@pytest.mark.parametrize("typed_since", [0, 30], ids=["ends before the ledger", "has grown past it"])
def test_a_topic_that_lost_its_end_is_read_again_from_the_last_record_that_both_know(typed_since: int) -> None:
    old = log(30)
    topic = Topic({0: old[:17] + log(typed_since, 17, "new"), 1: log(5)})
    ledger = Ledger({0: marks(old, 4, 9, 14, 19, 24, 29), 1: marks(log(5), 4)})
    assert go_on(topic, ledger, {0: 30, 1: 5}) == {0: 15, 1: 5}
    assert ledger.jumps == [Jump("cut", 0, 30, 15)]
    assert ledger.said == [
        "The topic t has lost records that were loaded from it (some of 15 to 29 of partition 0). They stay in the "
        "table; reading went back to before the loss, and what was read before counts as duplicate."
    ]


def test_the_cut_is_looked_for_by_halving() -> None:
    old = log(2_000)
    topic = Topic({0: old[:1_500] + log(900, 1_500, "new")})
    assert go_on(topic, Ledger({0: marks(old, *range(9, 2_000, 10))}), {0: 2_000}) == {0: 1_500}
    assert topic.asked < 12


def test_a_topic_of_which_nothing_is_known_is_read_from_its_beginning() -> None:
    assert go_on(Topic({0: log(20)}, {0: 5}), Ledger(), {0: 30}) == {0: 5}
    old = log(30)
    assert go_on(Topic({0: log(40, world="new")}), Ledger({0: marks(old, 9, 29)}), {0: 30}) == {0: 0}


def test_marks_that_retention_took_tell_nothing() -> None:
    ledger = Ledger({0: marks(log(30), 29)})
    assert go_on(Topic({0: [None] * 30 + log(10, 30)}, {0: 30}), ledger, {0: 30}) == {0: 30}
    assert ledger.jumps == []


def test_a_record_that_is_gone_is_no_proof_that_the_others_are_there() -> None:
    old = log(30)
    ledger = Ledger({0: marks(old, 19, 29)})
    assert go_on(Topic({0: [*old[:29], None]}), ledger, {0: 30}) == {0: 20}
    assert ledger.said == [
        "The topic t no longer holds the record that was loaded last, as where it is compacted (20 to 29 of partition "
        "0); reading went back to before it, and what was read before counts as duplicate."
    ]


def test_typed_records_behind_one_that_was_compacted_stay_who_they_are() -> None:
    """Loads ended behind 3 and 5; of the typed records 3 to 5 all but 4 were typed again, with the same keys."""
    old = log(6)
    typed = {(console_source(UUID, 0), number): sent(number) for number in (3, 4, 5)}
    compacted: Log = [*old[:3], None, old[4], None, *log(2, 6, "new")]
    ledger = Ledger({0: marks(old, 2, 5)}, typed)
    assert go_on(Topic({0: compacted}), ledger, {0: 6}) == {0: 3}
    assert ledger.jumps == [Jump("cut", 0, 6, 3)]


def test_a_partition_that_is_gone_has_lost_all_and_the_others_go_on() -> None:
    ledger = Ledger({0: marks(log(9), 8), 1: marks(log(7), 6)}, {(console_source(UUID, 1), 4): sent(4)})
    assert go_on(Topic({0: log(9)}), ledger, {0: 9, 1: 7}) == {0: 9}
    assert ledger.jumps == [Jump("cut", 1, 7, 0, typed_from=4)]
    assert "(some of 0 to 6 of partition 1)" in ledger.said[0]


@pytest.mark.parametrize("committed", [{}, {0: 5}])
def test_records_dropped_before_they_were_loaded_are_said_once(committed: dict[int, int]) -> None:
    ledger = Ledger()
    assert go_on(Topic({0: log(20)}, {0: 8}), ledger, committed) == {0: 8}
    first = committed.get(0, 0)
    assert ledger.jumps == [Jump("dropped", 0, first, 8)]
    assert ledger.said == [
        f"The topic t has dropped records before they were loaded ({first} to 7 of partition 0); "
        "send again what they were."
    ]


def sent(number: int) -> datetime:
    return datetime.fromtimestamp(number, UTC).replace(tzinfo=None)


def test_typed_records_are_others_from_the_first_that_was_lost() -> None:
    """Loads ended behind 9 and 29; of the typed records 12 is still there, 18 and 25 are lost."""
    old = log(30)
    new: Log = [(1_000_000 + number, b"typed since") for number in range(20)]
    typed = {(console_source(UUID, 0), number): sent(number) for number in (2, 12, 18, 25)}
    ledger = Ledger({0: marks(old, 9, 29)}, typed)
    assert go_on(Topic({0: old[:16] + new}), ledger, {0: 30}) == {0: 10}
    assert ledger.jumps == [Jump("cut", 0, 30, 10, typed_from=18)]


def test_typed_records_that_are_lost_a_second_time_are_others_again() -> None:
    old = log(30)
    first, second = console_source(UUID, 0), console_source(UUID, 0, 1)
    typed = {(first, 12): sent(12), (first, 25): sent(99), (second, 22): sent(22), (second, 26): sent(26)}
    ledger = Ledger({0: marks(old, 9, 29)}, typed, lost_before=((0, 20), (1, 3)))
    go_on(Topic({0: old[:24]}), ledger, {0: 30})
    assert ledger.jumps == [Jump("cut", 0, 30, 10, typed_from=26)], "25 was lost with the first loss"
