"""Which feeds run: those that lab.yml switches on, and what the kafka machine asks for since (see sql.requests)."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event, Thread

from pyspark.sql import SparkSession
from sqlalchemy.exc import SQLAlchemyError

from feeds.contract import load_contract
from feeds.errors import Refused
from feeds.names import known_feeds
from feeds.settings import Settings, lab_changed_at, load_lab
from spark.lost import Hopeless
from spark.sentence import sentence
from spark.supervisor import FeedRunner
from sql import requests
from sql.empty import empty
from sql.errors import LostEpoch
from sql.ledger import Ledger
from sql.requests import Requests

log = logging.getLogger("millrace.stream")
JOIN_SECONDS = 20
NEVER = datetime.fromtimestamp(0, UTC)


@dataclass
class Running:
    """A feed's runner, in a thread of its own; it may have ended where only a person can help."""

    runner: FeedRunner
    thread: Thread
    stopping: Event


@dataclass
class Runners:
    """Starts and stops feeds one by one; none of it touches another feed. Call `look` about every second."""

    make: Callable[[str, Event], FeedRunner]
    ledger: Ledger
    give_up: Callable[[str], None]
    feeds: Sequence[str] | None = None
    """Those named on the command line; None: lab.yml decides."""
    running: dict[str, Running] = field(default_factory=dict)
    _emptying: dict[str, Thread] = field(default_factory=dict)
    _wanted: tuple[str, ...] = ()
    _written_at: datetime = NEVER

    def __iter__(self) -> Iterator[FeedRunner]:
        return iter([each.runner for each in list(self.running.values())])

    def look(self) -> None:
        """Bring what runs in line with what is wanted now. What cannot be asked stays as it was."""
        try:
            with self.ledger.engine.connect() as connection:
                asked = requests.read(connection)
        except (SQLAlchemyError, OSError) as error:
            log.debug("requests cannot be read: %s", sentence(error))
            return
        wanted = self.wanted(asked)
        for feed in [each for each in self.running if each not in wanted or each in asked.resets]:
            self._stop(feed, "it is switched off" if feed not in asked.resets else "it is starting over")
        for feed, state in asked.resets.items():
            if state == "asked" and feed in known_feeds():
                self._empty(feed)
        for feed in wanted:
            if feed not in self.running and feed not in asked.resets and not self._is_emptying(feed):
                self._start(feed)

    def hanging(self) -> list[str]:
        """The feeds whose threads show no sign of life."""
        return [feed for feed, each in self.running.items() if each.thread.is_alive() and each.runner.pulse.is_lost()]

    def stop(self) -> None:
        """End all of them in order."""
        for each in self.running.values():
            each.stopping.set()
        for each in self.running.values():
            each.thread.join(JOIN_SECONDS)

    def wanted(self, asked: Requests) -> list[str]:
        """lab.yml's feeds, but for those that were switched since it was written."""
        if self.feeds is None:
            with suppress(Refused, OSError):
                self._read_lab()
        newer = {feed: on for feed, (on, at) in asked.switched.items() if at.replace(tzinfo=UTC) > self._written_at}
        known = [feed for feed in (self.feeds or self._wanted) if newer.get(feed, True)]
        added = [feed for feed, on in newer.items() if on and self.feeds is None and feed not in known]
        return [feed for feed in (*known, *added) if feed in known_feeds()]

    def _read_lab(self) -> None:
        """lab.yml, where it was written since: reading it every second would be half of what an idle driver does."""
        written_at = lab_changed_at()
        if written_at != self._written_at:
            self._wanted, self._written_at = load_lab().feeds, written_at

    def _start(self, feed: str) -> None:
        stopping = Event()
        runner = self.make(feed, stopping)
        thread = Thread(target=self._run, args=(runner,), name=feed, daemon=True)
        self.running[feed] = Running(runner, thread, stopping)
        thread.start()

    def _run(self, runner: FeedRunner) -> None:
        try:
            runner.run()
        except (LostEpoch, Hopeless) as error:
            self.give_up(str(error))

    def _stop(self, feed: str, why: str) -> None:
        found = self.running[feed]
        found.stopping.set()
        found.thread.join(JOIN_SECONDS)
        if found.thread.is_alive():
            return
        del self.running[feed]
        log.info("%s has stopped: %s", feed, why)
        with suppress(SQLAlchemyError, OSError):
            self.ledger.undo_pending(feed)
            self.ledger.set_feed_state(feed, "stopped", why)

    def _empty(self, feed: str) -> None:
        """In a thread: it may take minutes, and the others go on. A feed that is still stopping is left for later."""
        if feed in self.running or self._is_emptying(feed):
            return
        self._emptying[feed] = Thread(target=self._empty_now, args=(feed,), name=f"empty {feed}", daemon=True)
        self._emptying[feed].start()

    def _is_emptying(self, feed: str) -> bool:
        return feed in self._emptying and self._emptying[feed].is_alive()

    def _empty_now(self, feed: str) -> None:
        try:
            # What `look` has read may be old: a feed that has its new topic must keep what it has loaded since.
            if self.ledger.owned(lambda connection: requests.reset_state(connection, feed)) != "asked":
                return
            self.ledger.undo_pending(feed)
            empty(self.ledger.owned, load_contract(feed))
            self.ledger.owned(lambda connection: requests.note_emptied(connection, feed))
            log.info("%s is empty and waits for its new topic", feed)
        except LostEpoch as error:
            self.give_up(str(error))
        except (SQLAlchemyError, OSError, Refused) as error:
            log.warning("%s is not emptied yet: %s", feed, sentence(error))


def maker(spark: SparkSession, settings: Settings, ledger: Ledger) -> Callable[[str, Event], FeedRunner]:
    """What makes a feed's runner."""
    return lambda feed, stopping: FeedRunner(spark, settings, feed, ledger, stopping)
