"""A feed that is no longer wanted leaves MySQL: its view, its tables, and all that the ledger keeps of it."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Engine, delete, select, text

from millrace.errors import Refused
from sql import contracts_in_use, events, requests
from sql.contracts_in_use import Document
from sql.errors import retrying
from sql.events import LabEvent
from sql.evolve import sentences
from sql.evolve.evolve import LOCK_WAIT_SECONDS, PATIENCE_SECONDS
from sql.evolve.pause import pause
from sql.ledger.empty_feed import empty_ledger, hide
from sql.schema.contract_table import contract as made_contract
from sql.schema.ledger_tables import feed_table
from sql.schema.request_tables import request


def forget(engine: Engine, feed: str) -> bool:
    """Nothing of the feed is left; False where nothing of it was there. May be killed anywhere, and run again."""
    with engine.connect() as connection:
        contracts, documents = contracts_in_use.read_contracts(connection), contracts_in_use.read_documents(connection)
        is_made = feed in contracts_in_use.read(connection)
        known = select(feed_table.c.feed).where(feed_table.c.feed == feed)
        if not is_made and connection.execute(known).first() is None:
            return False
    if feed in documents and feed not in contracts:
        raise Refused(sentences.NOT_UNDERSTOOD.format(feed=feed))
    transaction = _transactions(engine)
    transaction(lambda connection: requests.switch(connection, feed, on=False))
    if feed in contracts:
        pause(engine, contracts[feed])
    transaction(lambda connection: hide(connection, feed, sentences.FORGETTING.format(feed=feed)))
    transaction(lambda connection: _drop(connection, feed, documents.get(feed, {})))
    empty_ledger(transaction, feed)
    transaction(lambda connection: _finish(connection, feed))
    return True


def _transactions(engine: Engine) -> Callable[[Callable[[Connection], Any]], Any]:
    """Does work in a transaction of its own, again while MySQL's error may pass; readers hold tables for a while."""

    def transaction(work: Callable[[Connection], Any]) -> Any:
        for attempt in retrying(PATIENCE_SECONDS):
            with attempt, engine.begin() as connection:
                connection.execute(text(f"SET SESSION lock_wait_timeout = {LOCK_WAIT_SECONDS}"))
                result = work(connection)
        return result

    return transaction


def _drop(connection: Connection, feed: str, document: Document) -> None:
    quote = connection.dialect.identifier_preparer.quote
    connection.exec_driver_sql(f"DROP VIEW IF EXISTS {quote(f'v_{feed}')}")
    for name in (*(rollup["name"] for rollup in document.get("rollups", ())), f"{feed}_staging", feed):
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {quote(name)}")


def _finish(connection: Connection, feed: str) -> None:
    """What switches it off stays, until a newer lab.yml names the feeds: machines learn of it one after the other."""
    connection.execute(delete(request).where(request.c.feed == feed, request.c.what == "reset"))
    connection.execute(delete(made_contract).where(made_contract.c.feed == feed))
    events.note(connection, LabEvent("contract", sentences.FORGOTTEN, feed))
