"""Work on a feed that takes minutes, beside the queries: each feed has one piece of it at a time."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event, Thread

from sqlalchemy.exc import SQLAlchemyError

from millrace.errors import Refused
from spark.load.error_summary import sentence
from sql.errors import LostEpoch

log = logging.getLogger("millrace.stream")
Work = Callable[[Event], None]
"""What ends early when the event is set, and goes on from there when it is called again."""


@dataclass
class FeedWork:
    """Threads by feed. What fails is tried again by whoever still wants it; a lost epoch ends the application."""

    give_up: Callable[[str], None]
    _threads: dict[str, tuple[str, Thread, Event]] = field(default_factory=dict)

    def start(self, feed: str, what: str, work: Work) -> None:
        """Do it, unless something is being done for the feed already."""
        if self.is_busy(feed):
            return
        stopping = Event()
        thread = Thread(target=self._run, args=(feed, what, work, stopping), name=f"{what} {feed}", daemon=True)
        self._threads[feed] = (what, thread, stopping)
        thread.start()

    def is_busy(self, feed: str, what: str = "") -> bool:
        """Whether anything, or just that, is being done for the feed."""
        found = self._threads.get(feed)
        return found is not None and found[1].is_alive() and what in ("", found[0])

    def stop(self, feed: str) -> None:
        """Ask what is being done to end soon; `is_busy` tells when it has."""
        if feed in self._threads:
            self._threads[feed][2].set()

    def _run(self, feed: str, what: str, work: Work, stopping: Event) -> None:
        try:
            work(stopping)
        except LostEpoch as error:
            self.give_up(str(error))
        except (SQLAlchemyError, OSError, Refused) as error:
            log.warning("%s: to %s it has to be tried again: %s", feed, what, sentence(error))
