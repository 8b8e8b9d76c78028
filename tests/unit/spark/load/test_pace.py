"""How long a feed rests after a batch."""

import pytest

from spark.load.pace import LEAST_SECONDS, RECENT_SECONDS, SECONDS_PER_FEED, Pace


def test_a_feed_alone_rests_until_the_least_time_has_passed() -> None:
    pace = Pace(lambda: 10.1)
    assert pace.rest_seconds("sales", 10.0) == pytest.approx(LEAST_SECONDS - 0.1)


@pytest.mark.parametrize("took", [LEAST_SECONDS, 3.0])
def test_after_a_long_batch_nobody_rests(took: float) -> None:
    assert Pace(lambda: 10.0 + took).rest_seconds("sales", 10.0) == pytest.approx(0)


def test_the_more_feeds_have_had_records_lately_the_longer_each_rests() -> None:
    pace = Pace(lambda: 10.0)
    rests = [pace.rest_seconds(f"feed_{number}", 10.0) for number in range(10)]
    assert rests == pytest.approx([max(LEAST_SECONDS, SECONDS_PER_FEED * feeds) for feeds in range(1, 11)])


def test_a_feed_that_has_had_none_for_a_while_does_not_count() -> None:
    now = [10.0]
    pace = Pace(lambda: now[0])
    for number in range(9):
        pace.rest_seconds(f"feed_{number}", 10.0)
    now[0] += RECENT_SECONDS
    assert pace.rest_seconds("sales", now[0]) == pytest.approx(LEAST_SECONDS)
