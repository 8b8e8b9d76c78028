"""The ledger: who may load, what is loaded, and how far. The protocol is explained in docs/exactly-once.md."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, TypeVar

from sqlalchemy import Connection, delete, func, insert, text, update

from millrace.contract.contract import Contract
from millrace.record.mark import Mark
from millrace.settings import Settings
from sql import contracts_in_use, events, seals
from sql.engine import connect
from sql.errors import RETRY_SECONDS, retrying
from sql.events import LabEvent
from sql.ledger import jumps, loads, marks
from sql.ledger.commit import LoadRead, commit_once, lock_load, stored_counts
from sql.ledger.counts import LoadCounts
from sql.ledger.jumps import Jump
from sql.ledger.lease import Owner, new_owner
from sql.schema.ledger_tables import feed_table, sample

SAMPLES_UNTIL = text("NOW() - INTERVAL 7 DAY")
Result = TypeVar("Result")
FeedState = Literal["starting", "running", "waiting", "retrying", "stopped"]
STATE_SECONDS = 10
"""Patience with which a feed's state is told: what cannot be told now is told again."""


class Ledger:
    """One application's side of the ledger. Threads may share it: each call is a transaction of its own.

    Transactions that meet a deadlock, a lock wait or a lost connection are tried again for 90 s.
    `at` is called with the names of the commit's moments, "before_commit" and "after_commit", for fault drills.
    """

    def __init__(
        self,
        settings: Settings,
        app: str = "millrace-stream",
        contracts: Mapping[str, Contract] | None = None,
        at: Callable[[str], None] = lambda name: None,
    ) -> None:
        self.app, self.at = app, at
        self.owner = new_owner()
        self.engine = connect(settings, app, self.owner)
        self._contracts = dict(contracts) if contracts is not None else None
        self._lease = Owner(self.engine, app, self.owner)

    @property
    def epoch(self) -> int:
        """The number of this ownership; 0 before take_epoch."""
        return self._lease.epoch

    @property
    def contracts(self) -> Mapping[str, Contract]:
        """Those given, else those that the feeds' tables were made from, as they were when last asked for."""
        return self.read_contracts() if self._contracts is None else self._contracts

    def read_contracts(self) -> Mapping[str, Contract]:
        """Ask again which contracts the tables were made from; for a ledger that was given none."""
        with self.engine.connect() as connection:
            self._contracts = contracts_in_use.read_contracts(connection)
        return self._contracts

    def take_epoch(self) -> int:
        """Become the owner and end what the previous one left open. Refused while that one is alive."""
        return self._lease.take()

    def renew_lease(self) -> None:
        """Stay the owner for another 15 s; call it every 5 s. LostEpoch: another copy has taken over, stop."""
        self._lease.renew()

    def release(self) -> None:
        """End in order: give the lease back and close every connection."""
        self._lease.release()
        self.engine.dispose()

    def undo_pending(self, feed: str | None = None) -> list[int]:
        """Undo every load that is not committed, of one feed or of all; their ids."""
        with self.engine.connect() as connection:
            pending = loads.pending_loads(connection, feed)
        return [load_id for load_id in pending if self._undo(load_id)]

    def open_feed(
        self,
        feed: str,
        topic_uuid: str,
        contract_version: str,
        state: FeedState = "starting",
        message: str = "",
    ) -> dict[int, int]:
        """Enter the feed, or find it again; per partition the offset to go on from, none in a topic that is new.

        `state` and `message` are what is told of it from now on: one that has failed is not called well by opening it.
        """
        values = {"contract_version": contract_version, "state": state, "message": message or None}

        def open_(connection: Connection) -> dict[int, int]:
            jumps.adopt(connection, feed, topic_uuid)
            return loads.open_feed(connection, feed, topic_uuid, **values)

        return self.owned(open_)

    def committed_offsets(self, feed: str) -> dict[int, int]:
        """Per partition, the offset after the feed's last committed record; empty for a feed without loads."""
        row = self._transaction(lambda connection: loads.read_feed(connection, feed))
        return loads.from_json(row.end_offsets if row else None)

    def known_topic(self, feed: str) -> str:
        """The id of the topic that the feed is loaded from; nothing for a feed that was never opened."""
        row = self._transaction(lambda connection: loads.read_feed(connection, feed))
        return str(row.topic_uuid) if row else ""

    def newest_marks(self, feed: str, topic_uuid: str, ends: loads.Offsets) -> dict[int, Mark]:
        """By partition, the last record below `ends` that was loaded of that topic, where it is known."""
        return self._transaction(lambda connection: marks.newest(connection, feed, topic_uuid, ends))

    def known_marks(self, feed: str, topic_uuid: str, partition: int, end: int) -> list[Mark]:
        """Every record below `end` by which the topic can be known again, see sql.ledger.marks."""
        return self._transaction(lambda connection: marks.known(connection, feed, topic_uuid, partition, end))

    def typed_from(self, feed: str, topic_uuid: str) -> tuple[tuple[int, int], ...]:
        """Where the topic has lost typed records, see millrace.record.identity."""
        return self._transaction(lambda connection: jumps.typed_from(connection, feed, topic_uuid))

    def older_ends(self, topic_uuid: str) -> tuple[tuple[int, int], ...] | None:
        """Where the topic's records of a release that did not seal end, see sql.seals."""
        return self._transaction(lambda connection: seals.older_ends(connection, topic_uuid))

    def typed_times(
        self, feed: str, sources: Iterable[int], start: int, end: int
    ) -> dict[tuple[int, int], datetime | None]:
        """By (source, offset), when typed records of those sources were sent, from `start` to before `end`."""
        contract, of = self.contracts[feed], list(sources)
        return self._transaction(lambda connection: jumps.typed_times(connection, contract, of, start, end))

    def jump(self, feed: str, topic_uuid: str, found: Sequence[Jump], message: str) -> None:
        """Go on elsewhere than the last commit ended, and say why, once. Refused when the topic is another one."""
        self.owned(lambda connection: jumps.note(connection, feed, topic_uuid, found, message))

    def reserve_load(self) -> int:
        """A number for a load that begins later, larger than that of every load before it."""
        return self._transaction(loads.reserve)

    def begin_load(  # noqa: PLR0913, PLR0917 - what a load is
        self,
        feed: str,
        topic_uuid: str,
        start: loads.Offsets,
        end: loads.Offsets,
        contract_version: str,
        load_id: int | None = None,
    ) -> int:
        """Enter a pending load; its id, maybe reserved. Refused when it does not follow the feed's last commit."""

        def begin(connection: Connection) -> int:
            loads.check_begin(connection, feed, topic_uuid, start, end)
            return loads.insert_pending(
                connection,
                load_id=load_id,
                app=self.app,
                epoch=self.epoch,
                feed=feed,
                topic_uuid=topic_uuid,
                start_offsets=loads.as_json(start),
                end_offsets=loads.as_json(end),
                contract_version=contract_version,
            )

        return self.owned(begin)

    def commit_load(self, load_id: int, read: LoadRead) -> LoadCounts:
        """Make a load visible, with its rollups and counts. A load that is committed already gives its counts again.

        Raises ZombieLoad when the load is not this epoch's any more, CountMismatch when it must be undone.
        """

        def commit(connection: Connection) -> LoadCounts:
            row = lock_load(connection, load_id, self.epoch)
            if row.state == "committed":
                return stored_counts(row)
            counts = commit_once(connection, self.contracts, row, read)
            self.at("before_commit")
            return counts

        counts = self._transaction(commit)
        self.at("after_commit")
        return counts

    def set_feed_state(
        self, feed: str, state: FeedState, message: str = "", latest_offsets: loads.Offsets | None = None
    ) -> None:
        """Say how the feed's query is, for people; `latest_offsets` are the topic's ends."""
        values: dict[str, Any] = {"state": state, "message": message or None, "updated_at": func.now(3)}
        if latest_offsets is not None:
            values["latest_offsets"] = loads.as_json(latest_offsets)
        change = update(feed_table).where(feed_table.c.feed == feed).values(values)

        def report(connection: Connection) -> None:
            connection.execute(change)
            if state != "starting":
                events.note(connection, LabEvent(state, message, feed))

        self._transaction(report, STATE_SECONDS)

    def note(self, happened: LabEvent) -> None:
        """Note what has happened to the lab, see sql.events."""
        self._transaction(lambda connection: events.note(connection, happened), STATE_SECONDS)

    def prune_events(self) -> int:
        """Take out some events that are too old; how many left."""
        return self._transaction(events.prune, STATE_SECONDS)

    def record_sample(self, feed: str, lag_records: int, freshness_seconds: float | None) -> None:
        """Note lag and freshness of a feed now; samples older than seven days go."""
        seen = {"lag_records": lag_records, "freshness_seconds": freshness_seconds}

        def record(connection: Connection) -> None:
            connection.execute(insert(sample).prefix_with("IGNORE").values(feed=feed, sampled_at=func.now(), **seen))
            connection.execute(update(feed_table).where(feed_table.c.feed == feed).values(seen))
            connection.execute(delete(sample).where(sample.c.feed == feed, sample.c.sampled_at < SAMPLES_UNTIL))

        self._transaction(record)

    def owned(self, work: Callable[[Connection], Result]) -> Result:
        """Run `work` in one transaction as the owner; LostEpoch when another copy has taken over."""

        def checked(connection: Connection) -> Result:
            self._lease.check(connection)
            return work(connection)

        return self._transaction(checked)

    def _undo(self, load_id: int) -> bool:
        return self._transaction(lambda connection: loads.undo(connection, self.contracts, load_id))

    def _transaction(self, work: Callable[[Connection], Result], seconds: float = RETRY_SECONDS) -> Result:
        """Run `work` in one transaction, again while its errors are transient: it must bear being run twice."""
        for attempt in retrying(seconds):
            with attempt, self.engine.begin() as connection:
                result = work(connection)
        return result
