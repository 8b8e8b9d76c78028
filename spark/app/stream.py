"""The streaming application: one query per feed that lab.yml switches on, until it is told to stop.

    spark-submit spark/app/stream.py [FEED …]

Exit 0 after SIGTERM; 1 with one sentence when it may not run, or when Spark or its place in the ledger is lost.
"""

import logging
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread

from pyspark.sql import SparkSession
from sqlalchemy.exc import SQLAlchemyError

from millrace import failpoints
from millrace.contract.contract import load_contract
from millrace.errors import Refused
from millrace.settings import Settings, load_lab
from spark.app.lag_sampler import run_sampler
from spark.app.lease_renewal import renew_lease
from spark.app.runners import Runners, maker
from spark.app.scratch_folders import Unrecoverable, check_folders, scratch_folders
from spark.app.session import build_session
from spark.app.wanted_feeds import WantedFeeds
from spark.app.watchdog import SILENT_SECONDS, Pulse, notify_systemd
from spark.jvm import executors, has_ended, leave_errors_to_us
from spark.load.error_summary import sentence
from sql.events import LabEvent
from sql.ledger.ledger import Ledger

log = logging.getLogger("millrace.stream")
APP = "millrace-stream"
WAIT_SECONDS = 5
STOPPED = "The streaming application was stopped."


class Application:
    """What runs beside the queries: the lease, the sampler, and the watch over them."""

    def __init__(self, settings: Settings, feeds: Sequence[str] | None) -> None:
        self.settings, self.feeds = settings, feeds
        self.ledger = Ledger(settings, APP, at=failpoints.at)
        self.stopping = Event()
        self.lost = ""

    def run(self) -> None:
        """Takes the epoch, undoes what is pending, runs the feeds until `stopping`. Refused when another copy runs."""
        if not self._take_epoch():
            return
        self._start(renew_lease, self.ledger, self.stopping, self.give_up)
        if not self._wait_for(self.ledger.read_contracts, "tables"):
            return
        self._undo_pending()
        spark = build_session(APP)
        made = maker(spark, self.settings, self.ledger)
        runners = Runners(made, self.ledger, self.give_up, WantedFeeds(self.feeds))
        runners.follow_requests()
        sampler = Pulse()
        self._start(run_sampler, self.settings, self.ledger, runners, self.stopping, sampler)
        folders, known = scratch_folders(spark, self.settings.state_dir), executors(spark)
        while not self.stopping.wait(1):
            self._check_spark(spark, folders)
            known = self._watch_executors(spark, known)
            runners.follow_requests()
            self._check_threads(runners, sampler)
            notify_systemd()
        runners.stop()
        self._leave(spark)

    def give_up(self, reason: str) -> None:
        """Ends the application as failed."""
        self.lost = self.lost or reason
        self.stopping.set()

    def _take_epoch(self) -> bool:
        taken = self._wait_for(self.ledger.take_epoch, "answer")
        if taken:
            log.info("epoch %d is ours", self.ledger.epoch)
        return taken

    def _wait_for(self, work: Callable[[], object], what: str) -> bool:
        """Waits for what MySQL has to have, as long as it takes; False when stopped meanwhile."""
        while not self.stopping.is_set():
            try:
                work()
            except (SQLAlchemyError, OSError) as error:
                address = f"{self.settings.mysql_host}:{self.settings.mysql_port}"
                log.warning("waiting for the %s of MySQL at %s: %s", what, address, sentence(error))
                self.stopping.wait(WAIT_SECONDS)
            else:
                return True
        return False

    def _undo_pending(self) -> None:
        """Also of feeds that are switched off; one that runs does it again before it starts."""
        try:
            self.ledger.undo_pending()
        except Refused as error:
            log.warning("%s", error)

    def _check_spark(self, spark: SparkSession, folders: Sequence[Path]) -> None:
        try:
            check_folders(folders)
        except Unrecoverable as error:
            self.give_up(str(error))
        if has_ended(spark):
            self.give_up("Spark has ended this application; see the logs of its master and worker.")

    def _watch_executors(self, spark: SparkSession, known: frozenset[str]) -> frozenset[str]:
        """Notes executors that have gone or come; those there are now."""
        try:
            now = executors(spark)
            if change := change_of(known, now):
                self.ledger.note(LabEvent("executors", change))
        except Exception as error:
            log.debug("executors cannot be asked for: %s", error)
            return known
        return now

    def _check_threads(self, runners: Runners, sampler: Pulse) -> None:
        hanging = runners.hanging() + (["the sampler"] if sampler.is_lost() else [])
        if hanging:
            self.give_up(f"No sign of life for {SILENT_SECONDS} s: {', '.join(hanging)}; the application starts again.")

    def _leave(self, spark: SparkSession) -> None:
        with suppress(Exception):
            self.ledger.note(LabEvent("ended", self.lost or STOPPED, is_trouble=bool(self.lost)))
        with suppress(Exception):
            self.ledger.release()
        with suppress(Exception):
            spark.stop()

    def _start(self, work: object, *arguments: object) -> Thread:
        thread = Thread(target=work, args=arguments, daemon=True)  # type: ignore[arg-type]
        thread.start()
        return thread


def change_of(before: frozenset[str], now: frozenset[str]) -> str:
    """What has become of Spark's executors, one sentence; empty where nothing has."""
    gone = [f"lost {' '.join(sorted(before - now))}"] if before - now else []
    come = [f"new {' '.join(sorted(now - before))}"] if now - before else []
    return f"Executors: {', '.join([*gone, *come])}." if gone or come else ""


def main(arguments: Sequence[str]) -> int:
    """The exit code."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s")
    logging.getLogger("kafka").setLevel(logging.CRITICAL)  # every refused connection; the feed says it once
    leave_errors_to_us()
    for ours in ("spark", "millrace"):
        logging.getLogger(ours).setLevel(logging.INFO)
    try:
        for feed in arguments or load_lab().feeds:
            load_contract(feed)
        application = Application(Settings.from_environment(), arguments or None)
        # In a thread: the signal may meet the main thread where it holds the event's lock.
        signal.signal(signal.SIGTERM, lambda *_: Thread(target=application.stopping.set).start())
        application.run()
    except Refused as error:
        log.error("%s", error)  # noqa: TRY400 - the sentence is all a person needs
        return 1
    if application.lost:
        log.error("%s", application.lost)
    return 1 if application.lost else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
