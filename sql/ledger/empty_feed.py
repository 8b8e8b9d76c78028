"""A feed starts over: everything of it leaves MySQL, piece by piece, in an order that can stop anywhere and go on.

Readers see no row from the first step on; the feed's own row in the ledger goes last, so that what is left is found.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from sqlalchemy import Connection, Delete, delete, func, select, update

from millrace.contract.contract import Contract
from sql.schema import ledger_tables as ledger
from sql.schema.feed_tables import feed_tables
from sql.schema.request_tables import notice

PIECE = 20_000
"""Rows per transaction: short enough that nobody waits for its locks."""
STARTS_OVER = "it is starting over; `make reset FEED={feed}` finishes it"
OF_FEED = (
    ledger.quarantine,
    ledger.source,
    ledger.replaced,
    ledger.sample,
    ledger.load_partition,
    ledger.jump,
    notice,
    ledger.load_table,
)
Transaction = Callable[[Callable[[Connection], Any]], Any]


def empty(transaction: Transaction, contract: Contract) -> None:
    """Empty the feed. `transaction` runs work in a transaction of its own, again after passing errors."""
    feed = contract.feed
    transaction(lambda connection: hide(connection, feed, STARTS_OVER.format(feed=feed)))
    facts, *others = feed_tables(contract)
    for table in (*reversed(others), facts):  # rollups first, for no view hides them
        _clear(transaction, delete(table))
    empty_ledger(transaction, feed)


def empty_ledger(transaction: Transaction, feed: str) -> None:
    """All that the ledger keeps of the feed goes: loads after what is found by them, the feed's own row last."""
    of_feed = select(ledger.load_table.c.load_id).where(ledger.load_table.c.feed == feed)
    _clear(transaction, delete(ledger.load_source).where(ledger.load_source.c.load_id.in_(of_feed)))
    for table in OF_FEED:
        _clear(transaction, delete(table).where(table.c.feed == feed))
    transaction(
        lambda connection: connection.execute(delete(ledger.feed_table).where(ledger.feed_table.c.feed == feed))
    )


def _clear(transaction: Transaction, statement: Delete) -> None:
    piece = statement.with_dialect_options(mysql_limit=PIECE)
    while transaction(partial(_rows_gone, piece)):
        pass


def _rows_gone(statement: Delete, connection: Connection) -> int:
    return connection.execute(statement).rowcount


def hide(connection: Connection, feed: str, message: str) -> None:
    """From now on views show none of its rows, and no load may begin: no topic has an empty id."""
    zero: dict[str, Any] = dict.fromkeys(("committed_load_id", "table_rows", *_counts()), 0)
    values = zero | {"topic_uuid": "", "end_offsets": {}, "state": "stopped", "updated_at": func.now(3)}
    connection.execute(
        update(ledger.feed_table).where(ledger.feed_table.c.feed == feed).values(values | {"message": message})
    )


def _counts() -> tuple[str, ...]:
    return ("read_count", "loaded", "updated", "duplicates", "quarantined")
