"""A feed starts over: everything of it leaves MySQL, piece by piece, in an order that can stop anywhere and go on.

Readers see no row from the first step on; the feed's own row in the ledger goes last, so that what is left is found.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from sqlalchemy import Connection, Delete, Table, delete, func, select, update

from millrace.contract.contract import Contract
from sql.schema import ledger_tables as ledger
from sql.schema.feed_tables import feed_tables
from sql.schema.request_tables import notice

PIECE = 20_000
"""Rows per transaction: short enough that nobody waits for its locks."""
Transaction = Callable[[Callable[[Connection], Any]], Any]


def empty(transaction: Transaction, contract: Contract) -> None:
    """Empty the feed. `transaction` runs work in a transaction of its own, again after passing errors."""
    transaction(lambda connection: _hide(connection, contract.feed))
    for statement in _pieces(contract):
        while transaction(partial(_rows_gone, statement)):
            pass
    transaction(lambda connection: connection.execute(delete(ledger.feed).where(ledger.feed.c.feed == contract.feed)))


def _rows_gone(statement: Delete, connection: Connection) -> int:
    return connection.execute(statement).rowcount


def _hide(connection: Connection, feed: str) -> None:
    """From now on views show none of its rows, and no load may begin: no topic has an empty id."""
    zero: dict[str, Any] = dict.fromkeys(("committed_load_id", "table_rows", *_counts()), 0)
    values = zero | {"topic_uuid": "", "end_offsets": {}, "state": "stopped", "updated_at": func.now(3)}
    values["message"] = f"it is starting over; `make reset FEED={feed}` finishes it"
    connection.execute(update(ledger.feed).where(ledger.feed.c.feed == feed).values(values))


def _counts() -> tuple[str, ...]:
    return ("read_count", "loaded", "updated", "duplicates", "quarantined")


def _pieces(contract: Contract) -> Iterator[Delete]:
    """Rollups first, for no view hides them; loads after what is found by them."""
    facts, *others = feed_tables(contract)
    for table in (*reversed(others), facts):
        yield _limited(delete(table))
    of_feed = select(ledger.load.c.load_id).where(ledger.load.c.feed == contract.feed)
    yield _limited(delete(ledger.load_source).where(ledger.load_source.c.load_id.in_(of_feed)))
    for table in (ledger.quarantine, ledger.source, ledger.replaced, ledger.sample, ledger.load_partition, ledger.jump):
        yield _limited(_all_of(table, contract.feed))
    for table in (notice, ledger.load):
        yield _limited(_all_of(table, contract.feed))


def _all_of(table: Table, feed: str) -> Delete:
    return delete(table).where(table.c.feed == feed)


def _limited(statement: Delete) -> Delete:
    return statement.with_dialect_options(mysql_limit=PIECE)
