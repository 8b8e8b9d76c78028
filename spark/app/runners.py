"""The feeds that run, each in a thread of its own, in line with what is wanted (see wanted_feeds, sql.requests)."""

import logging
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Event, Thread

from pyspark.sql import SparkSession
from sqlalchemy.exc import SQLAlchemyError

from millrace.feed_names import known_feeds
from millrace.settings import Settings
from spark.app.emptying import Emptying
from spark.app.error_summary import sentence
from spark.app.supervisor import FeedRunner
from spark.app.unrecoverable import Unrecoverable
from spark.app.wanted_feeds import WantedFeeds
from sql import requests
from sql.errors import LostEpoch
from sql.ledger.ledger import Ledger

log = logging.getLogger("millrace.stream")
JOIN_SECONDS = 20


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
    wanted: WantedFeeds = field(default_factory=WantedFeeds)
    running: dict[str, Running] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._emptying = Emptying(self.ledger, self.give_up)

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
        wanted = self.wanted.after(asked)
        for feed in [each for each in self.running if each not in wanted or each in asked.resets]:
            self._stop(feed, "it is switched off" if feed not in asked.resets else "it is starting over")
        for feed, state in asked.resets.items():
            # One that is still stopping is left for later.
            if state == "asked" and feed in known_feeds() and feed not in self.running:
                self._emptying.begin(feed)
        for feed in wanted:
            if feed not in self.running and feed not in asked.resets and not self._emptying.is_on(feed):
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

    def _start(self, feed: str) -> None:
        stopping = Event()
        runner = self.make(feed, stopping)
        thread = Thread(target=self._run, args=(runner,), name=feed, daemon=True)
        self.running[feed] = Running(runner, thread, stopping)
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
        del self.running[feed]
        log.info("%s has stopped: %s", feed, why)
        with suppress(SQLAlchemyError, OSError):
            self.ledger.undo_pending(feed)
            self.ledger.set_feed_state(feed, "stopped", why)


def maker(spark: SparkSession, settings: Settings, ledger: Ledger) -> Callable[[str, Event], FeedRunner]:
    """What makes a feed's runner."""
    return lambda feed, stopping: FeedRunner(spark, settings, feed, ledger, stopping)
