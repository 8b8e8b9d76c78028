"""Ranges of offsets: halves follow each other and hold the same records."""

import pytest

from spark.topic.offset_range import OffsetRange
from spark.topic.offsets import Offsets


@pytest.mark.parametrize(
    ("start", "end", "middle"),
    [
        ({0: 0}, {0: 2}, {0: 1}),
        ({0: 10}, {0: 13}, {0: 11}),
        ({0: 0, 1: 0}, {0: 4, 1: 4}, {0: 4, 1: 0}),
        ({0: 0, 1: 5}, {0: 1, 1: 10}, {0: 1, 1: 7}),
        ({0: 3, 1: 5, 2: 9}, {0: 3, 1: 7, 2: 9}, {0: 3, 1: 6, 2: 9}),
    ],
)
def test_halves_follow_each_other(start: Offsets, end: Offsets, middle: Offsets) -> None:
    first, second = OffsetRange(start, end).halves()
    assert (first, second) == (OffsetRange(start, middle), OffsetRange(middle, end))
    assert 0 < first.size <= second.size <= first.size + 1
