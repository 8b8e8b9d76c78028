"""Whether facts, rollups and ledger say the same, now, while feeds go on: everything is read of one moment."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, func, select, table

from millrace.contract.contract import Contract
from sql import contracts_in_use
from sql.ledger.counts import COUNTS
from sql.ledger.rollup import committed, difference
from sql.schema.ledger_tables import feed_table, load_table, replaced

MOST_SHOWN = 1000
"""Differing rows of a rollup that are counted, in either direction."""
FACTS, UNREADABLE = "facts", "contract"
"""What is compared, besides rollups. Nobody knows what the tables should hold whose contract cannot be read."""


@dataclass(frozen=True)
class Comparison:
    """One comparison: of what, how many rows there are, and how many are not as they should be.

    Of `UNREADABLE` nothing was compared.
    """

    feed: str
    what: str
    rows: int
    differing: int

    @property
    def right(self) -> bool:
        return self.differing == 0


def verify(connection: Connection, contracts: dict[str, Contract] | None = None) -> Iterator[Comparison]:
    """Every feed with its ledger, every rollup with GROUP BY over its facts; by feed, facts first.

    The connection must be in no transaction; it is left in one. `contracts`: those the tables were made from.
    """
    connection = connection.execution_options(isolation_level="REPEATABLE READ")
    readable = contracts_in_use.read_contracts(connection) if contracts is None else contracts
    for feed in sorted(contracts_in_use.read(connection) if contracts is None else contracts):
        if feed not in readable:
            yield Comparison(feed, UNREADABLE, 0, 1)
            continue
        contract = readable[feed]
        yield _facts(connection, contract)
        for rollup in contract.rollups:
            rows = connection.scalar(select(func.count()).select_from(table(rollup.name)))
            yield Comparison(feed, rollup.name, rows or 0, len(difference(connection, contract, rollup, MOST_SHOWN)))


def _facts(connection: Connection, contract: Contract) -> Comparison:
    """Rows that readers see; as many as loads have brought, unless newer versions took the place of some."""
    feed = contract.feed
    rows = connection.scalar(select(func.count()).select_from(committed(contract))) or 0
    recorded = connection.execute(select(feed_table).where(feed_table.c.feed == feed)).one_or_none()
    if recorded is None:
        return Comparison(feed, FACTS, rows, rows)
    sums = [func.coalesce(func.sum(load_table.c[name]), 0) for name in COUNTS]
    mine = (load_table.c.feed == feed, load_table.c.state == "committed")
    counted = [int(number) for number in connection.execute(select(*sums).where(*mine)).one()]
    differing = sum(abs(getattr(recorded, name) - number) for name, number in zip(COUNTS, counted, strict=True))
    differing += abs(recorded.table_rows - rows)
    if not connection.scalar(select(func.count()).select_from(replaced).where(replaced.c.feed == feed)):
        differing += abs(counted[COUNTS.index("loaded")] - rows)
    return Comparison(feed, FACTS, rows, differing)
