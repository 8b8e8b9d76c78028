"""Waiting for what was sent: by offsets, with patience, and with one sentence when it does not come."""

from collections.abc import Callable, Iterator

import pytest

from lab.observe.ledger import Counts, FeedState, offsets
from lab.operate.reconciliation import POLL_SECONDS, Arrival, Sent
from millrace.errors import Refused

SENT = Sent("insurance_network", 7, 30, {0: 20, 1: 10})


class Clock:
    """Time that passes only when somebody pauses."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        self.now += seconds


def feed(state: str, message: str = "", **committed: int) -> FeedState:
    return FeedState(SENT.feed, state, message, {int(number[1:]): end for number, end in committed.items()})


def landing(states: Callable[[], FeedState | None], patience: float = 120) -> tuple[Arrival, Clock]:
    clock = Clock()
    return Arrival(states, patience=patience, clock=clock, pause=clock.pause), clock


def one_by_one(*states: FeedState | Refused | None) -> Callable[[], FeedState | None]:
    remaining: Iterator[FeedState | Refused | None] = iter(states)

    def next_state() -> FeedState | None:
        found = next(remaining)
        if isinstance(found, Refused):
            raise found
        return found

    return next_state


def test_returns_once_every_partition_is_committed() -> None:
    left: list[int] = []
    states = one_by_one(None, feed("running", p0=5), feed("running", p0=20, p1=4), feed("running", p0=25, p1=10))
    landing(states)[0].wait(SENT, left.append)
    assert left == [30, 25, 6, 0]


def test_a_restarted_mysql_is_waited_for() -> None:
    left: list[int] = []
    states = one_by_one(feed("running", p0=5), Refused("MySQL does not answer."), feed("running", p0=20, p1=10))
    landing(states)[0].wait(SENT, left.append)
    assert left == [25, 0]


def test_a_stopped_feed_ends_the_wait_with_its_message() -> None:
    states = one_by_one(feed("stopped", "The topic was recreated; start over."))
    with pytest.raises(Refused) as refused:
        landing(states)[0].wait(SENT)
    assert str(refused.value) == (
        "The stream of insurance_network stopped before everything had landed: The topic was recreated; start over."
    )


def test_gives_up_when_nothing_moves() -> None:
    with pytest.raises(Refused) as refused:
        landing(lambda: feed("running", p0=20), patience=3)[0].wait(SENT)
    assert str(refused.value) == (
        "30 records are in Kafka, but 10 of them have not reached MySQL and nothing moved for 3 s: see `make status` "
        "and `make logs SERVICE=millrace-stream`; they are loaded once it runs again."
    )


def test_patience_starts_anew_whenever_something_moves() -> None:
    slow = iter(range(0, 31))

    def a_little_more() -> FeedState:
        step = next(slow)
        return feed("running", p0=min(20, step), p1=max(0, step - 20))

    wait, clock = landing(a_little_more, patience=0.3)
    wait.wait(SENT)
    assert clock.now == pytest.approx(30 * POLL_SECONDS)


def test_a_mysql_that_stays_away_is_named() -> None:
    def away() -> FeedState | None:
        raise Refused("MySQL does not answer at 192.168.33.14:3306.")

    with pytest.raises(Refused, match="30 records are in Kafka, but MySQL has not answered for 3 s"):
        landing(away, patience=3)[0].wait(SENT)


def test_counts_add_up_over_all_four_ends() -> None:
    assert Counts(read=10, loaded=1, updated=2, duplicates=3, quarantined=4).accounted == 10


def test_offsets_come_as_text_or_as_a_document() -> None:
    assert (
        offsets('{"0": 17, "11": 2}') == offsets(b'{"0": 17, "11": 2}') == offsets({"0": 17, "11": 2}) == {0: 17, 11: 2}
    )
    assert offsets(None) == {}


def test_what_does_not_arrive_says_why_the_feed_waits() -> None:
    waiting, clock = landing(lambda: feed("waiting", "Spark has no executor.", p0=5))
    with pytest.raises(Refused) as refused:
        waiting.wait(SENT)
    assert str(refused.value).endswith(
        "they are loaded once it runs again. The feed is waiting: Spark has no executor."
    )
    assert clock.now > 120
