"""A record that makes a load fail is found by halving, and refused; nothing else is, and no load is skipped."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from millrace.errors import Refused
from spark.load.blame import Failure
from spark.load.load_data import LoadMismatch
from spark.load.narrowing import load_narrowed
from spark.topic.offset_range import OffsetRange
from spark.topic.offsets import Offsets

Trouble = Callable[[set[tuple[int, int]]], Exception | None]


@dataclass
class Feed:
    """Records by partition and offset, and what loading some of them meets."""

    trouble: Trouble
    loaded: list[tuple[int, int]] = field(default_factory=list)
    refused: dict[tuple[int, int], str] = field(default_factory=dict)
    ends: Offsets = field(default_factory=dict)
    tries: int = 0
    pending: bool = False

    def load(self, wanted: OffsetRange, refuse_for: Failure | None = None) -> None:
        assert not self.pending, "the load before it was not undone"
        assert self.ends in ({}, wanted.start), "loads follow each other"
        records = {(part, at) for part, first in wanted.start.items() for at in range(first, wanted.end[part])}
        self.tries, self.pending = self.tries + 1, True
        if refuse_for:
            self.refused |= dict.fromkeys(records, refuse_for.reason)
        elif error := self.trouble(records):
            raise error
        else:
            self.loaded += records
        self.ends, self.pending = wanted.end, False

    def undo(self) -> None:
        self.pending = False


def narrowed(trouble: Trouble, wanted: OffsetRange) -> Feed:
    feed = Feed(trouble)
    load_narrowed(feed.load, feed.undo, wanted)
    return feed


def poisoned_by(*bad: tuple[int, int]) -> Trouble:
    def trouble(records: set[tuple[int, int]]) -> Exception | None:
        found = records & set(bad)
        return LoadMismatch(f"{len(records)} rows were written ({len(found)})") if found else None

    return trouble


def test_what_loads_is_loaded_at_once() -> None:
    feed = narrowed(poisoned_by(), OffsetRange({0: 5, 1: 0}, {0: 9, 1: 3}))
    assert (feed.tries, len(feed.loaded), feed.refused) == (1, 7, {})


@pytest.mark.parametrize("bad", [[(0, 5)], [(1, 2)], [(0, 7), (0, 8)], [(0, 5), (1, 0), (1, 2)]])
def test_the_record_is_refused_and_all_others_are_loaded(bad: list[tuple[int, int]]) -> None:
    feed = narrowed(poisoned_by(*bad), OffsetRange({0: 5, 1: 0}, {0: 9, 1: 3}))
    assert sorted(feed.refused) == bad
    assert len(feed.loaded) == 7 - len(bad)
    assert len(set(feed.loaded)) == len(feed.loaded)
    assert feed.ends == {0: 9, 1: 3}
    assert set(feed.refused.values()) == {"1 rows were written (1)"}


def test_one_among_a_hundred_thousand_is_soon_found() -> None:
    feed = narrowed(poisoned_by((0, 77_777)), OffsetRange({0: 0}, {0: 100_000}))
    assert (list(feed.refused), len(feed.loaded)) == ([(0, 77_777)], 99_999)
    assert feed.tries < 40


def test_a_failure_that_passes_costs_a_second_try() -> None:
    errors = [LoadMismatch("a moment")]
    feed = narrowed(lambda _: errors.pop() if errors else None, OffsetRange({0: 0}, {0: 3}))
    assert (feed.tries, len(feed.loaded), feed.refused) == (2, 3, {})


@pytest.mark.parametrize(
    "error", [Refused("the topic is another one"), OSError("No space left on device"), ValueError("local_infile")]
)
def test_what_no_record_can_be_blamed_for_is_raised(error: Exception) -> None:
    feed = Feed(lambda _: error)
    with pytest.raises(type(error)):
        load_narrowed(feed.load, feed.undo, OffsetRange({0: 0}, {0: 3}))
    assert (feed.tries, feed.refused) == (1, {})


def test_a_failure_that_is_another_each_time_is_raised() -> None:
    errors = [LoadMismatch("second"), LoadMismatch("first")]
    feed = Feed(lambda _: errors.pop())
    with pytest.raises(LoadMismatch, match="second"):
        load_narrowed(feed.load, feed.undo, OffsetRange({0: 0}, {0: 3}))
    assert (feed.tries, feed.pending, feed.refused) == (2, False, {})
