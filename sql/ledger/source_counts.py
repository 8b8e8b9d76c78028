"""The counts of every source, per load and over all loads."""

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import Connection, insert
from sqlalchemy.dialects.mysql import insert as upsert

from sql.ledger.counts import COUNTS, SourceCounts
from sql.schema.ledger_tables import load_source, source


def note(connection: Connection, feed: str, load_id: int, counts: Sequence[SourceCounts]) -> None:
    """Enter a load's counts, and add them to the sources' totals; each statement takes all sources at once."""
    rows = [{"load_id": load_id, **asdict(count)} for count in counts]
    connection.execute(insert(load_source).values(rows))
    totals = upsert(source).values([{"feed": feed, **row} for row in rows])
    sums = {name: source.c[name] + totals.inserted[name] for name in COUNTS}
    connection.execute(totals.on_duplicate_key_update(**sums, load_id=load_id))
