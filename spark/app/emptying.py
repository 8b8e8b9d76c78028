"""Feeds that start over are emptied, each in a thread of its own: it may take minutes, and the others go on."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Thread

from sqlalchemy.exc import SQLAlchemyError

from millrace.contract.contract import load_contract
from millrace.errors import Refused
from spark.app.error_summary import sentence
from sql import requests
from sql.errors import LostEpoch
from sql.ledger.empty_feed import empty
from sql.ledger.ledger import Ledger

log = logging.getLogger("millrace.stream")


@dataclass
class Emptying:
    """Empties the tables of feeds that do not run. `give_up` is called with why the application must end."""

    ledger: Ledger
    give_up: Callable[[str], None]
    _threads: dict[str, Thread] = field(default_factory=dict)

    def begin(self, feed: str) -> None:
        """Start emptying a feed, unless that is under way."""
        if not self.is_on(feed):
            self._threads[feed] = Thread(target=self._run, args=(feed,), name=f"empty {feed}", daemon=True)
            self._threads[feed].start()

    def is_on(self, feed: str) -> bool:
        """Whether a feed is being emptied."""
        return feed in self._threads and self._threads[feed].is_alive()

    def _run(self, feed: str) -> None:
        try:
            # What was asked may be old: a feed that has its new topic must keep what it has loaded since.
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
