"""How many records of the traffic Kafka takes while one thing after another is broken: counted, told, and judged.

While something is broken nobody can promise a rate; behind it the traffic must be as dense as before.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from drills.scene import LEAST_PER_SECOND

JUDGED_SECONDS = 20.0
"""What is shorter says little: a producer journals what it has sent five times a second, and asking takes its time."""


@dataclass(frozen=True)
class Count:
    """Records of all simulators that were acknowledged until a moment (seconds)."""

    at: float
    records: int


@dataclass(frozen=True)
class Interval:
    """From the moment when something was broken to that when the next thing was; since `well` all went on."""

    name: str
    began: float
    well: float
    ended: float

    def records(self, counts: Sequence[Count]) -> int:
        """Acknowledged in all of it."""
        return _known(counts, self.ended) - _known(counts, self.began)

    def per_second(self, counts: Sequence[Count]) -> float | None:
        """While nothing was broken; None where that was too short to say."""
        found = [count for count in counts if self.well <= count.at <= self.ended]
        if not found or (seconds := found[-1].at - found[0].at) < JUDGED_SECONDS:
            return None
        return (found[-1].records - found[0].records) / seconds


def intervals(broken: Sequence[tuple[str, float, float]], ended: float) -> list[Interval]:
    """Of what was broken one after another: each its name, when that began, and when all went on."""
    next_one = [*(began for _, began, _ in broken[1:]), ended]
    return [Interval(*one, until) for one, until in zip(broken, next_one, strict=True)]


def described(intervals: Sequence[Interval], counts: Sequence[Count]) -> Iterator[str]:
    """A line for each."""
    for one in intervals:
        rate = one.per_second(counts)
        then = "too short to say how many a second then" if rate is None else f"{rate:,.0f} a second when all went on"
        minute = (one.began - intervals[0].began) / 60
        yield f"minute {minute:.0f}, {one.name}: {one.records(counts):,} records acknowledged, {then}"


def too_few(intervals: Sequence[Interval], counts: Sequence[Count]) -> list[str]:
    """A sentence for each in which nothing was acknowledged, or less than a drill is begun under when all went on."""
    wrong = []
    for one in intervals:
        rate = one.per_second(counts)
        if rate is not None and rate < LEAST_PER_SECOND:
            wrong.append(f"{one.name}: only {rate:,.0f} records a second were acknowledged when all went on")
        elif not one.records(counts):
            wrong.append(f"{one.name}: no record was acknowledged until the next")
    if intervals and all(one.per_second(counts) is None for one in intervals):
        wrong.append("nobody could say how many records a second were acknowledged")
    return wrong


def _known(counts: Sequence[Count], moment: float) -> int:
    """What had been acknowledged by then, as far as it was looked at."""
    return max((count.records for count in counts if count.at <= moment), default=counts[0].records if counts else 0)
