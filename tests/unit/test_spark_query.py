"""How often a feed looks for new records."""

import pytest

from spark.query import trigger_ms


@pytest.mark.parametrize(("feeds", "expected"), [(0, 500), (1, 500), (8, 500), (9, 540), (20, 1200)])
def test_many_feeds_look_less_often(feeds: int, expected: int) -> None:
    assert trigger_ms(feeds) == expected
