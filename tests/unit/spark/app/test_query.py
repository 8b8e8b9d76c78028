"""How often a feed looks for new records."""

import pytest

from spark.app.query import trigger_ms

FEEDS = [f"feed_{number}" for number in range(10)]


@pytest.mark.parametrize(("feeds", "expected"), [(0, 500), (1, 500), (4, 500), (5, 600), (10, 1200)])
def test_many_feeds_look_less_often(feeds: int, expected: int) -> None:
    assert trigger_ms("feed_0", FEEDS[:feeds]) == expected


def test_no_two_feeds_look_at_the_same_moments() -> None:
    assert len({trigger_ms(feed, FEEDS) for feed in [*FEEDS, "switched_on_later"]}) == len(FEEDS) + 1
