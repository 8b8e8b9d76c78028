"""Work beside a feed's query: one piece at a time, ended when asked, and what fails fails alone."""

from threading import Event

import pytest

from millrace.errors import Refused
from spark.upkeep.feed_work import FeedWork
from sql.errors import LostEpoch

FEED, OTHER = "shares", "sales"
SECONDS = 30


def wait_for_end(work: FeedWork, feed: str) -> None:
    _what, thread, _stopping = work._threads[feed]
    thread.join(SECONDS)
    assert not thread.is_alive()


def test_a_feed_has_one_piece_of_work_at_a_time_and_others_their_own() -> None:
    work, done, go = FeedWork(pytest.fail), list[str](), Event()

    def wait_and_note(_stopping: Event) -> None:
        assert go.wait(SECONDS)
        done.append("fill")

    work.start(FEED, "fill", wait_and_note)
    work.start(FEED, "tidy", lambda _stopping: done.append("tidy"))
    work.start(OTHER, "tidy", lambda _stopping: done.append("tidy of another"))
    wait_for_end(work, OTHER)
    assert (work.is_busy(FEED), work.is_busy(FEED, "fill"), work.is_busy(FEED, "tidy")) == (True, True, False)
    go.set()
    wait_for_end(work, FEED)
    assert done == ["tidy of another", "fill"]
    assert not work.is_busy(FEED)
    work.start(FEED, "tidy", lambda _stopping: done.append("tidy"))
    wait_for_end(work, FEED)
    assert done == ["tidy of another", "fill", "tidy"]


def test_it_ends_when_asked() -> None:
    work, ended = FeedWork(pytest.fail), list[bool]()
    work.start(FEED, "fill", lambda stopping: ended.append(stopping.wait(SECONDS)))
    work.stop(OTHER)
    assert work.is_busy(FEED)
    work.stop(FEED)
    wait_for_end(work, FEED)
    assert ended == [True]


def test_what_fails_is_noted_and_may_be_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    work, done = FeedWork(pytest.fail), list[str]()

    def refuse(_stopping: Event) -> None:
        raise Refused("MySQL does not answer.")

    work.start(FEED, "fill", refuse)
    wait_for_end(work, FEED)
    assert f"{FEED}: to fill it has to be tried again: MySQL does not answer." in caplog.text
    work.start(FEED, "fill", lambda _stopping: done.append("again"))
    wait_for_end(work, FEED)
    assert done == ["again"]


def test_a_lost_epoch_ends_the_application() -> None:
    ended: list[str] = []
    work = FeedWork(ended.append)

    def lose(_stopping: Event) -> None:
        raise LostEpoch("Another copy has taken over.")

    work.start(FEED, "fill", lose)
    wait_for_end(work, FEED)
    assert ended == ["Another copy has taken over."]
