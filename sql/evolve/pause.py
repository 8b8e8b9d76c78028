"""A feed is paused while its tables change: the stream ends its query, undoes what is pending, and says so.

Where no stream runs there is nobody to ask. One that starts meanwhile finds what is asked, and leaves the feed closed.
"""

from sqlalchemy import Engine, func, select

from millrace.contract.contract import Contract
from millrace.errors import Refused
from millrace.waiting import ask_until
from sql import contracts_in_use
from sql.evolve import sentences
from sql.ledger import loads
from sql.schema.ledger_tables import app_table

PATIENCE_SECONDS = 300.0
"""A stream that is itself being replaced, by `make up` on its machine, takes a minute or two."""


def pause(engine: Engine, contract: Contract, *, seconds: float = PATIENCE_SECONDS) -> None:
    """Returns when nothing of the feed runs and nothing is pending; Refused, and withdrawn, when that takes long."""
    feed = contract.feed
    with engine.begin() as connection:
        contracts_in_use.ask(connection, feed)
    if not ask_until(lambda: is_paused(engine, contract), bool, seconds=seconds):
        with engine.begin() as connection:
            contracts_in_use.withdraw(connection, feed)
        raise Refused(sentences.NOT_PAUSED.format(feed=feed, seconds=seconds))


def is_paused(engine: Engine, contract: Contract) -> bool:
    """Whether the stream has confirmed it; where none is alive, what it left is undone here."""
    with engine.begin() as connection:
        if contracts_in_use.read(connection)[contract.feed].state == "paused":
            return True
        alive = select(func.count()).select_from(app_table).where(app_table.c.lease_until > func.now(3))
        if connection.scalar(alive):
            return False
        for load_id in loads.pending_loads(connection, contract.feed):
            loads.undo(connection, {contract.feed: contract}, load_id)
        return contracts_in_use.confirm(connection, contract.feed)
