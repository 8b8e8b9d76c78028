"""A soak tells how many records were acknowledged around each drill, and misses those that were not."""

from collections.abc import Callable

import pytest

from drills.rate import Count, described, intervals, too_few

BROKEN = [("mysql-killed", 0.0, 40.0), ("broker-stopped", 120.0, 190.0), ("the calm", 240.0, 240.0)]
SPANS = intervals(BROKEN, 300.0)


def counted(per_second: Callable[[int], float], every: int = 10) -> list[Count]:
    """Looked at every so many seconds, from the fifth on."""
    found, records = [], 0.0
    for second in range(300):
        if second % every == 5:
            found.append(Count(float(second), round(records)))
        records += per_second(second)
    return found


def test_an_interval_lasts_until_the_next_drill() -> None:
    assert [(one.began, one.well, one.ended) for one in SPANS] == [(0, 40, 120), (120, 190, 240), (240, 240, 300)]


def test_each_interval_is_told() -> None:
    broken = counted(lambda second: 0 if 120 <= second < 150 else 1050)
    assert list(described(SPANS, broken)) == [
        "minute 0, mysql-killed: 115,500 records acknowledged, 1,050 a second when all went on",
        "minute 2, broker-stopped: 94,500 records acknowledged, 1,050 a second when all went on",
        "minute 4, the calm: 63,000 records acknowledged, 1,050 a second when all went on",
    ]
    assert too_few(SPANS, broken) == []


@pytest.mark.parametrize(
    ("per_second", "wrong"),
    [
        (lambda _second: 1000, ""),
        (lambda second: 0 if second < 40 else 1000, ""),
        (lambda second: 990 if 40 <= second < 120 else 1050, "mysql-killed: only 990"),
        (lambda second: 0 if second >= 240 else 1050, "the calm: only 0"),
    ],
)
def test_a_thin_traffic_where_nothing_is_broken_is_wrong(per_second: Callable[[int], float], wrong: str) -> None:
    said = [f"{wrong} records a second were acknowledged when all went on"] if wrong else []
    assert too_few(SPANS, counted(per_second)) == said


def test_what_is_too_short_is_told_and_not_judged() -> None:
    short = intervals([("mysql-killed", 0.0, 100.0), ("the calm", 120.0, 120.0)], 300.0)
    counts = counted(lambda second: 500 if second < 115 else 1050)
    assert next(described(short, counts)).endswith("acknowledged, too short to say how many a second then")
    assert too_few(short, counts) == []
    assert too_few(short, counted(lambda second: 0 if second < 125 else 1050)) == [
        "mysql-killed: no record was acknowledged until the next"
    ]


@pytest.mark.parametrize("counts", [[], [Count(130.0, 5)]])
def test_counts_that_nobody_could_take_are_wrong(counts: list[Count]) -> None:
    assert too_few(SPANS, counts)[-1] == "nobody could say how many records a second were acknowledged"
