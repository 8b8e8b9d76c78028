"""Which contract each feed's tables were made from. The stream runs a feed with that contract and with no other.

A change of tables is asked for, and begins when the stream says that it has paused the feed; see sql.evolve.pause.
"""

import logging
from typing import Any, NamedTuple

import orjson
from pydantic import ValidationError
from sqlalchemy import Connection, func, select, update
from sqlalchemy.dialects.mysql import insert

from millrace.contract.contract import Contract
from sql.schema.contract_table import contract as made_contract

log = logging.getLogger(__name__)
Document = dict[str, Any]


class Made(NamedTuple):
    """How far a feed's tables are: their contract's version (None: not known), whether it may run, what is to fill."""

    version: str | None
    state: str
    to_fill: dict[str, list[str]]


def read(connection: Connection) -> dict[str, Made]:
    """Every feed that has tables."""
    of = made_contract.c
    rows = connection.execute(select(of.feed, of.version, of.state, of.to_fill))
    return {row.feed: Made(row.version, row.state, row.to_fill or {}) for row in rows}


def read_documents(connection: Connection) -> dict[str, Document]:
    """The contracts as they were written down, for code of whatever release."""
    of = made_contract.c
    return {row.feed: row.contract for row in connection.execute(select(of.feed, of.contract)) if row.contract}


def read_contracts(connection: Connection) -> dict[str, Contract]:
    """The contracts by feed; one that another release wrote and this one cannot read is left out."""
    found = {}
    for feed, document in read_documents(connection).items():
        try:
            found[feed] = Contract.model_validate_json(orjson.dumps(document))
        except ValidationError as error:
            log.warning("the contract that the tables of %s were made from is not understood: %s", feed, error)
    return found


def hold(connection: Connection, feed: str, *, alone: bool = False) -> None:
    """Until the transaction ends, nobody changes the feed's committed rows but commits, or, `alone`, this transaction.

    A rollup follows rows as they were read: two who change the same row must not have read it side by side.
    """
    mine = select(made_contract.c.feed).where(made_contract.c.feed == feed)
    connection.execute(mine.with_for_update(read=not alone)).all()


def ask(connection: Connection, feed: str) -> None:
    """Ask the stream to pause the feed; a pause that was confirmed, and never ended, is good enough."""
    new = insert(made_contract).values(feed=feed, state="asked", changed_at=func.now(3))
    connection.execute(
        new.on_duplicate_key_update(
            state=func.if_(made_contract.c.state == "paused", "paused", "asked"), changed_at=func.now(3)
        )
    )


def confirm(connection: Connection, feed: str) -> bool:
    """The feed does not run, and nothing of it is pending; False where nobody asks any more."""
    return _change(connection, feed, "asked", state="paused")


def withdraw(connection: Connection, feed: str) -> None:
    """Nothing was changed: the feed goes on as it was."""
    _change(connection, feed, "asked", state="in_use")
    _change(connection, feed, "paused", state="in_use")


def finish(connection: Connection, contract: Contract, to_fill: dict[str, list[str]]) -> None:
    """The tables fit this contract now; the feed may run with it."""
    values = {
        "version": contract.version,
        "contract": contract.model_dump(mode="json", by_alias=True, exclude_defaults=True),
        "to_fill": to_fill or None,
        "state": "in_use",
        "changed_at": func.now(3),
    }
    connection.execute(insert(made_contract).values(feed=contract.feed, **values).on_duplicate_key_update(values))


def note_filled(connection: Connection, feed: str, version: str) -> None:
    """Every value that fits was moved out of `extra`, unless the contract has changed again meanwhile."""
    mine = (made_contract.c.feed == feed) & (made_contract.c.version == version)
    connection.execute(update(made_contract).where(mine).values(to_fill=None))


def _change(connection: Connection, feed: str, before: str, **values: Any) -> bool:
    mine = (made_contract.c.feed == feed) & (made_contract.c.state == before)
    return bool(connection.execute(update(made_contract).where(mine).values(**values)).rowcount)
