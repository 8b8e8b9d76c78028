"""The commit of a load: one transaction after which its rows, rollups, counts and offsets are all there, or none is."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, FromClause, Row, Table, and_, func, or_, select, update

from millrace.contract.contract import Contract
from sql import contracts_in_use, events
from sql.errors import ZombieLoad
from sql.events import LabEvent
from sql.ledger import marks, quarantine_at_commit, rollup, source_counts, versions
from sql.ledger.counts import COUNTS, LoadCounts, SourceCounts, SourceRead, count_sources
from sql.ledger.marks import PartitionRead
from sql.ledger.merge import merge
from sql.ledger.replace import Replacement, replace
from sql.ledger.rollup import Summed
from sql.schema.feed_tables import fact_table
from sql.schema.ledger_tables import feed_table, load_table

FEW_SOURCES = 16
REFUSED = "Records were refused within an hour: make quarantine FEED={feed}"
AHEAD = "Records said that they were sent more than a minute after they came, and count as sent when they came."
REPLACED = "Rows left, as a newer version took their source's place."


@dataclass(frozen=True)
class LoadRead:
    """What a load's tasks have read, which of the sources take another's place, and what was summed up for rollups.

    `sums` are by the rollup's name.
    """

    sources: Collection[SourceRead]
    replacements: Collection[Replacement] = ()
    partitions: Collection[PartitionRead] = ()
    sums: Mapping[str, Summed] = field(default_factory=dict)


def lock_load(connection: Connection, load_id: int, epoch: int) -> Row[Any]:
    """The load's row, locked until the transaction ends; waits for loaders that still hold it.

    Raises ZombieLoad when it is gone, undone, or of another epoch.
    """
    query = select(load_table).where(load_table.c.load_id == load_id).with_for_update()
    row = connection.execute(query).one_or_none()
    if row is None or row.state == "undone" or row.epoch != epoch:
        found = f"{row.state}, of epoch {row.epoch}" if row else "gone"
        raise ZombieLoad(f"Load {load_id} of epoch {epoch} is {found}.")
    return row


def commit_once(
    connection: Connection, contracts: Mapping[str, Contract], load: Row[Any], read: LoadRead
) -> LoadCounts:
    """Do all of the commit in the open transaction, which holds the pending load's row; CountMismatch must undo it."""
    contract, load_id = contracts[load.feed], load.load_id
    contracts_in_use.hold(connection, load.feed)
    reads = {source.source_id: source for source in read.sources}
    marks.check(load, read.partitions, sum(source.read for source in reads.values()))
    marks.note(connection, load, read.partitions)
    versions.note(connection, contract.feed, load_id, reads.values())
    removed = replace(connection, contract, load_id, reads.keys(), read.replacements)
    quarantined = quarantine_at_commit.settle(connection, contract, load_id)
    changed = _change(connection, contract, load_id, read.sums)
    counts = count_sources(reads, changed, quarantined)
    if counts:
        source_counts.note(connection, contract.feed, load_id, counts)
    _report(
        connection, contract.feed, sum(quarantined.values()), removed, sum(source.ahead for source in reads.values())
    )
    return _finish(connection, load, reads.values(), counts, removed)


def _report(connection: Connection, feed: str, refused: int, removed: int, ahead: int) -> None:
    """Note what a person may look for later: refusals, times ahead, rows that made room for a newer version's."""
    if refused:
        events.note(connection, LabEvent("refused", REFUSED.format(feed=feed), feed, refused))
    if ahead:
        events.note(connection, LabEvent("ahead", AHEAD, feed, ahead))
    if removed:
        events.note(connection, LabEvent("replaced", REPLACED, feed, removed))


def stored_counts(load: Row[Any]) -> LoadCounts:
    """The counts of a load that is committed already."""
    return LoadCounts(load.load_id, *(getattr(load, name) for name in COUNTS))


def _change(
    connection: Connection, contract: Contract, load_id: int, sums: Mapping[str, Summed]
) -> dict[int, tuple[int, int]]:
    """Bring rollups (and an upsert feed's facts) up to date; per source the rows loaded and updated."""
    if contract.mode == "upsert":
        return merge(connection, contract, load_id)
    fact = fact_table(contract)
    row = fact.c.row_no
    query = select(
        fact.c.source_id, func.count().label("loaded"), func.min(row).label("first"), func.max(row).label("last")
    )
    spans = connection.execute(query.where(fact.c.load_id == load_id).group_by(fact.c.source_id)).all()
    if spans:
        rollup.add(connection, contract, _loaded_rows(fact, load_id, spans), _of_all(sums, spans))
    return {span.source_id: (span.loaded, 0) for span in spans}


def _of_all(sums: Mapping[str, Summed], spans: Sequence[Row[Any]]) -> dict[str, Summed]:
    """Those sums in which is every row that the load has brought, and no other: no record was there already."""
    loaded = sum(span.loaded for span in spans)
    return {name: summed for name, summed in sums.items() if summed.rows == loaded}


def _loaded_rows(fact: Table, load_id: int, spans: Sequence[Row[Any]]) -> FromClause:
    """The load's rows in a fact table that is clustered by source and row.

    A few sources whose rows stand close together are read along the primary key, for a quarter of what it costs to
    look up every row by its load_id.
    """
    rows = select(fact).where(fact.c.load_id == load_id)
    width = sum(span.last - span.first + 1 for span in spans)
    if len(spans) <= FEW_SOURCES and width <= 3 * sum(span.loaded for span in spans):
        near = [and_(fact.c.source_id == s.source_id, fact.c.row_no.between(s.first, s.last)) for s in spans]
        rows = rows.where(or_(*near)).with_hint(fact, "FORCE INDEX (PRIMARY)", "mysql")
    return rows.subquery("loaded_rows")


def _finish(
    connection: Connection,
    load: Row[Any],
    reads: Collection[SourceRead],
    counts: list[SourceCounts],
    removed: int,
) -> LoadCounts:
    totals = {name: sum(getattr(count, name) for count in counts) for name in COUNTS}
    times = {
        "oldest_sent_at": min((r.oldest_sent_at for r in reads if r.oldest_sent_at), default=None),
        "newest_sent_at": max((r.newest_sent_at for r in reads if r.newest_sent_at), default=None),
        "finished_at": func.now(3),
    }
    connection.execute(
        update(load_table).where(load_table.c.load_id == load.load_id).values(state="committed", **totals, **times)
    )
    sums = {name: feed_table.c[name] + totals[name] for name in COUNTS}
    connection.execute(
        update(feed_table)
        .where(feed_table.c.feed == load.feed)
        .values(
            committed_load_id=load.load_id,
            end_offsets=load.end_offsets,
            table_rows=feed_table.c.table_rows + totals["loaded"] - removed,
            updated_at=func.now(3),
            **sums,
        )
    )
    return LoadCounts(load.load_id, *totals.values())
