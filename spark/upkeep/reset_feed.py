"""A feed that starts over is emptied. It may take minutes, so spark.upkeep.feed_work does it while the others go on."""

import logging

from sqlalchemy import Connection

from sql import events, requests
from sql.events import LabEvent
from sql.ledger.empty_feed import empty
from sql.ledger.ledger import Ledger

EMPTIED = "Its tables were emptied: it starts over."
log = logging.getLogger("millrace.stream")


def empty_feed(ledger: Ledger, feed: str) -> None:
    """Empty the tables of a feed that does not run, and note it; does nothing where it is asked no more."""
    # What was asked may be old: a feed that has its new topic must keep what it has loaded since.
    if ledger.owned(lambda connection: requests.reset_state(connection, feed)) != "asked":
        return
    ledger.undo_pending(feed)
    empty(ledger.owned, ledger.contracts[feed])
    ledger.owned(lambda connection: _finish(connection, feed))
    log.info("%s is empty and waits for its new topic", feed)


def _finish(connection: Connection, feed: str) -> None:
    requests.note_emptied(connection, feed)
    events.note(connection, LabEvent("reset", EMPTIED, feed))
