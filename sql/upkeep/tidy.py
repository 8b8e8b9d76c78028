"""All of a feed's upkeep, in transactions so small that nobody waits for their locks."""

from collections.abc import Callable
from functools import partial
from typing import Any

from sqlalchemy import Connection

from sql.upkeep.folding import clear_undone, fold_piece
from sql.upkeep.refusals import clear_settled, cut_oldest

Transaction = Callable[[Callable[[Connection], Any]], Any]
Stopped = Callable[[], bool]


def tidy(transaction: Transaction, feed: str, stopped: Stopped = lambda: False) -> None:
    """Keep the feed's part of the ledger small; may end at any moment, and is done anew from there.

    `transaction` runs work in a transaction of its own, again after passing errors.
    """
    after: int | None = 0
    while after is not None and not stopped():
        after = transaction(partial(_fold, feed, after))
    for clear in (clear_undone, clear_settled, cut_oldest):
        while not stopped() and transaction(partial(_clear, clear, feed)):
            pass


def _fold(feed: str, after: int, connection: Connection) -> int | None:
    return fold_piece(connection, feed, after)


def _clear(clear: Callable[[Connection, str], int], feed: str, connection: Connection) -> int:
    return clear(connection, feed)
