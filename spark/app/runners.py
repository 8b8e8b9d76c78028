"""The feeds that run, each in a thread of its own: those that are wanted, with tables as sql.contracts_in_use says."""

import logging
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Event, Thread
from time import monotonic

from pyspark.sql import SparkSession
from sqlalchemy.exc import SQLAlchemyError

from millrace.errors import Refused
from millrace.settings import Settings
from spark.app.feed_runner import FeedRunner
from spark.app.scratch_folders import Unrecoverable
from spark.app.wanted_feeds import WantedFeeds
from spark.load.error_summary import sentence
from spark.upkeep.feed_work import FeedWork
from spark.upkeep.fill_columns import fill
from spark.upkeep.reset_feed import empty_feed
from sql import contracts_in_use, requests
from sql.contracts_in_use import Made
from sql.errors import LostEpoch
from sql.ledger.ledger import Ledger
from sql.requests import Requests
from sql.upkeep.tidy import tidy

log = logging.getLogger("millrace.stream")
JOIN_SECONDS = 20
TIDY_SECONDS = 600


@dataclass
class Running:
    """A feed's runner, in a thread of its own; it may have ended where only a person can help."""

    version: str | None
    """Of the contract that it runs with."""
    runner: FeedRunner
    thread: Thread
    stopping: Event


@dataclass
class Runners:
    """Starts and stops feeds one by one; none of it touches another feed. Call `follow_requests` about every second."""

    make: Callable[[str, Event], FeedRunner]
    ledger: Ledger
    give_up: Callable[[str], None]
    wanted: WantedFeeds = field(default_factory=WantedFeeds)
    running: dict[str, Running] = field(default_factory=dict)
    _versions: dict[str, str | None] = field(default_factory=dict)
    _closed: dict[str, str] = field(default_factory=dict)
    """Feeds that are wanted and may not run, with why, as the ledger was told."""

    _tidied: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._feed_work = FeedWork(self.give_up)

    def __iter__(self) -> Iterator[FeedRunner]:
        return iter([each.runner for each in list(self.running.values())])

    def follow_requests(self) -> None:
        """Bring what runs in line with what is wanted now. What cannot be asked stays as it was."""
        try:
            with self.ledger.engine.connect() as connection:
                asked, there = requests.read(connection), contracts_in_use.read(connection)
            self._learn(there)
        except (SQLAlchemyError, OSError) as error:
            log.debug("requests cannot be read: %s", sentence(error))
            return
        switched_on = self.wanted.after(asked)
        closed = {feed: why for feed in switched_on if (why := self._obstacle(feed, asked, there))}
        wanted = [feed for feed in switched_on if feed not in closed]
        for feed in [*self.running]:
            if feed not in wanted:
                self._stop(feed, closed.get(feed, "it is switched off"))
            elif self.running[feed].version != there[feed].version:
                self._stop(feed, "it has a new contract")
        self._report_closed({feed: why for feed, why in closed.items() if feed not in self.running})
        for feed, one in there.items():
            if one.state == "asked":
                self._pause(feed)
            elif one.state == "in_use":
                self._tend(feed, one, asked.resets.get(feed))
        for feed in wanted:
            if feed not in self.running and not self._feed_work.is_busy(feed, "empty"):
                self._start(feed, there[feed].version)

    def _learn(self, there: dict[str, Made]) -> None:
        versions = {feed: one.version for feed, one in there.items()}
        if versions != self._versions:
            self.ledger.read_contracts()
            self._versions = versions

    def _obstacle(self, feed: str, asked: Requests, there: dict[str, Made]) -> str:
        """Why the feed may not run now; empty where it may."""
        if feed in asked.resets:
            return "it is starting over"
        if feed in there and there[feed].state != "in_use":
            return "its tables are changed; should they stay so, `make up` goes on with it"
        if feed not in there or feed not in self.ledger.contracts:
            return "it has no tables that this release knows; `make up` makes them"
        return ""

    def _report_closed(self, closed: dict[str, str]) -> None:
        """An application that was killed has left them as running; this one does not start them."""
        self._closed = {feed: why for feed, why in self._closed.items() if closed.get(feed) == why}
        for feed in closed.keys() - self._closed:
            log.info("%s does not run: %s", feed, closed[feed])
            with suppress(SQLAlchemyError, OSError):
                self.ledger.set_feed_state(feed, "stopped", closed[feed])
                self._closed[feed] = closed[feed]

    def hanging(self) -> list[str]:
        """The feeds whose threads show no sign of life."""
        return [feed for feed, each in self.running.items() if each.thread.is_alive() and each.runner.pulse.is_lost()]

    def stop(self) -> None:
        """End all of them in order."""
        for each in self.running.values():
            each.stopping.set()
        for each in self.running.values():
            each.thread.join(JOIN_SECONDS)

    def _start(self, feed: str, version: str | None) -> None:
        stopping = Event()
        runner = self.make(feed, stopping)
        thread = Thread(target=self._run, args=(runner,), name=feed, daemon=True)
        self.running[feed] = Running(version, runner, thread, stopping)
        thread.start()

    def _run(self, runner: FeedRunner) -> None:
        try:
            runner.run()
        except (LostEpoch, Unrecoverable) as error:
            self.give_up(str(error))

    def _stop(self, feed: str, why: str) -> None:
        found = self.running[feed]
        found.stopping.set()
        found.thread.join(JOIN_SECONDS)
        if found.thread.is_alive():
            return
        found.runner.leave()
        del self.running[feed]
        log.info("%s has stopped: %s", feed, why)
        with suppress(SQLAlchemyError, OSError):
            self.ledger.undo_pending(feed)
            self.ledger.set_feed_state(feed, "stopped", why)

    def _pause(self, feed: str) -> None:
        """Say that nothing of the feed runs and nothing is pending, once that is so."""
        self._feed_work.stop(feed)
        if feed in self.running or self._feed_work.is_busy(feed):
            return
        try:
            self.ledger.undo_pending(feed)
            self.ledger.owned(lambda connection: contracts_in_use.confirm(connection, feed))
            log.info("%s is paused while its tables are changed", feed)
        except LostEpoch as error:
            self.give_up(str(error))
        except (SQLAlchemyError, OSError, Refused) as error:
            log.warning("%s is not paused yet: %s", feed, sentence(error))

    def _tend(self, feed: str, one: Made, reset: str | None) -> None:
        """In a thread what may take minutes: emptying a feed that starts over, filling columns, folding old loads."""
        if reset is not None:
            self._feed_work.stop(feed)
            if feed not in self.running and reset == "asked" and feed in self.ledger.contracts:
                self._feed_work.start(feed, "empty", lambda _stopping: empty_feed(self.ledger, feed))
        elif one.to_fill and feed in self.ledger.contracts:
            contract = self.ledger.contracts[feed]
            self._feed_work.start(feed, "fill", lambda stopping: fill(self.ledger, contract, one, stopping))
        elif monotonic() - self._tidied.setdefault(feed, monotonic()) > TIDY_SECONDS:
            self._tidied[feed] = monotonic()
            self._feed_work.start(feed, "tidy", lambda stopping: tidy(self.ledger.owned, feed, stopping.is_set))


def maker(spark: SparkSession, settings: Settings, ledger: Ledger) -> Callable[[str, Event], FeedRunner]:
    """What makes a feed's runner."""
    return lambda feed, stopping: FeedRunner(spark, settings, feed, ledger, stopping)
