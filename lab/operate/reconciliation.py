"""Waiting until what was sent has arrived in MySQL, and the count that must add up."""

import time
from collections.abc import Callable, Generator
from dataclasses import dataclass

from lab.observe.ledger import Counts, FeedState, counts_of_source, feed_state
from lab.observe.warehouse import warehouse
from lab.sentences import general as sentences
from lab.sentences import status as status_words
from millrace.errors import Refused
from millrace.settings import Settings
from millrace.waiting import Patience

POLL_SECONDS = 0.1
NO_PROGRESS_SECONDS = 180.0


@dataclass(frozen=True)
class Sent:
    """What the producer put into Kafka: records of a source, and the offset after the last per partition."""

    feed: str
    source: int
    records: int
    end_offsets: dict[int, int]

    def waiting(self, committed: dict[int, int]) -> int:
        """How many offsets are not yet committed, other senders' records between ours included."""
        return sum(max(0, end - committed.get(partition, 0)) for partition, end in self.end_offsets.items())


class Arrival:
    """Polls the ledger until the sent offsets are committed; gives up when nothing moves for `patience` s."""

    def __init__(
        self,
        read: Callable[[], FeedState | None],
        *,
        patience: float = NO_PROGRESS_SECONDS,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._read = read
        self._patience = patience
        self._clock = clock
        self._pause = pause

    def wait(self, sent: Sent, progress: Callable[[int], None] = lambda _: None) -> None:
        """Returns when everything is committed; `progress` is told how many offsets still wait."""
        least, trouble, waiting = None, "", Patience(self._patience, self._clock)
        state: FeedState | None = None
        while True:
            try:
                state, trouble = self._read(), ""
            except Refused as lost:
                state, trouble = None, str(lost)
            if state is not None and state.state == "stopped":
                raise Refused(
                    sentences.STREAM_STOPPED_ARRIVING.format(
                        feed=sent.feed, message=state.message or status_words.NO_REASON
                    )
                )
            if not trouble:
                left = sent.waiting(state.committed if state else {})
                progress(left)
                if left == 0:
                    return
                if least is None or left < least:
                    least = left
                    waiting.moved()
            if waiting.is_over:
                raise Refused(self._late(sent, least, trouble, state))
            self._pause(POLL_SECONDS)

    def _late(self, sent: Sent, waiting: int | None, trouble: str, state: FeedState | None) -> str:
        seconds = f"{self._patience:.0f}"
        if trouble:
            return sentences.MYSQL_LOST_ARRIVING.format(sent=sent.records, seconds=seconds)
        late = sentences.NOT_LANDED.format(
            sent=sent.records, waiting=sent.records if waiting is None else waiting, seconds=seconds
        )
        if state is None or not state.message:
            return late
        return sentences.WHY_NOT_LANDED.format(late=late, state=state.state, message=state.message)


def wait_for_arrival(settings: Settings, sent: Sent, progress: Callable[[int], None]) -> None:
    """Waits on the real ledger; over one connection, and a new one after it was lost, as when MySQL restarts."""
    states = _states(settings, sent.feed)

    def read() -> FeedState | None:
        nonlocal states
        try:
            return next(states)
        except Refused:
            states = _states(settings, sent.feed)
            raise

    try:
        Arrival(read).wait(sent, progress)
    finally:
        states.close()


def _states(settings: Settings, feed: str) -> Generator[FeedState | None]:
    """What the ledger says of the feed, each time it is asked."""
    with warehouse(settings) as connection:
        while True:
            with connection.begin():
                state = feed_state(connection, feed)
            yield state


def counts_of(settings: Settings, sent: Sent, start: int) -> Counts:
    """What became of the sent records, in the loads after `start`."""
    with warehouse(settings) as connection:
        return counts_of_source(connection, sent.feed, sent.source, start)
