"""What the batch jobs ask the ledger: how far a feed is committed, by which loads, and what was replaced."""

from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection, column, func, select, table

from millrace.contract.contract import Contract
from millrace.settings import Settings
from sql import contracts_in_use
from sql.engine import connect
from sql.schema.ledger_tables import feed_table, load_partition, load_table, replaced


class FeedEnd(NamedTuple):
    """Where a feed stands: its topic, its newest committed load, the newest load that replaced a source (0: none)."""

    topic_uuid: str
    load_id: int
    replaced_through: int
    topics: frozenset[str]
    """Those of which the ledger knows loads: it went on in another one, and its rows stayed. A reset forgets them."""


class CommittedLoad(NamedTuple):
    """A committed load, or the sum of several of one day: the UTC day of the commit, and the rows it brought."""

    load_id: int
    day: date
    rows: int
    first: int
    """The first of them; else itself."""


class Ledger:
    """Read-only questions."""

    def __init__(self, settings: Settings) -> None:
        self._engine = connect(settings)

    def contracts(self) -> dict[str, Contract]:
        """The contracts that the feeds' tables were made from."""
        with self._engine.connect() as connection:
            return contracts_in_use.read_contracts(connection)

    def end(self, feed: str) -> FeedEnd | None:
        """None for a feed that was never opened."""
        newest = select(func.coalesce(func.max(replaced.c.load_id), 0)).where(replaced.c.feed == feed)
        columns = (feed_table.c.topic_uuid, feed_table.c.committed_load_id, newest.scalar_subquery())
        topics = select(load_partition.c.topic_uuid).where(load_partition.c.feed == feed).distinct()
        with self._engine.connect() as connection:
            row = connection.execute(select(*columns).where(feed_table.c.feed == feed)).one_or_none()
            return FeedEnd(*row, frozenset(connection.scalars(topics))) if row else None

    def loads(self, feed: str, after: int, through: int) -> list[CommittedLoad]:
        """The feed's committed loads of those numbers, oldest first.

        Of a sum of several that began before, only those behind `after`; their rows are counted in the table.
        """
        of = load_table.c
        first = func.coalesce(of.first_load_id, of.load_id)
        query = (
            select(of.load_id, func.date(of.finished_at), of.loaded + of.updated, first)
            .where(load_table.c.feed == feed, load_table.c.state == "committed")
            .where(load_table.c.load_id > after, load_table.c.load_id <= through)
            .order_by(load_table.c.load_id)
        )
        with self._engine.connect() as connection:
            found = [CommittedLoad(*row) for row in connection.execute(query)]
            return [self._behind(connection, feed, load, after) if load.first <= after else load for load in found]

    def _behind(self, connection: Connection, feed: str, load: CommittedLoad, after: int) -> CommittedLoad:
        fact = table(feed, column("load_id"))
        mine = fact.c.load_id.between(after + 1, load.load_id)
        rows = connection.scalar(select(func.count()).select_from(fact).where(mine))
        return load._replace(rows=rows or 0, first=after + 1)

    def replaced(self, feed: str, after: int) -> dict[int, int]:
        """Sources replaced by loads behind that number → the load that did it."""
        query = select(replaced.c.source_id, replaced.c.load_id)
        query = query.where(replaced.c.feed == feed, replaced.c.load_id > after)
        with self._engine.connect() as connection:
            return {row.source_id: row.load_id for row in connection.execute(query)}
