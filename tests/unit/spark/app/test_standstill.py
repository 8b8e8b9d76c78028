"""A query that stands still is noticed, one that waits for records or moves is not."""

from spark.app.watchdog import Standstill


def test_a_feed_that_commits_nothing_while_records_wait_stands_still() -> None:
    watch = Standstill()
    seen = [watch.seen({0: 5}, 7, now) for now in (0, 60, 179, 181, 182, 360, 362)]
    assert seen == [False, False, False, True, False, False, True]


def test_a_feed_that_moves_or_has_nothing_to_do_does_not() -> None:
    watch = Standstill()
    steps = [({0: 5}, 7, 0), ({0: 6}, 7, 179), ({0: 6}, 0, 350), ({0: 6}, 9, 529), ({0: 6}, 9, 531)]
    assert [watch.seen(*step) for step in steps] == [False, False, False, False, True]
