"""Who holds the lock that a load waits for can be told by the account that loads."""

from threading import Thread

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from instruments.tools import wait_until
from millrace.settings import Settings
from sql.blockers import HELD, METADATA_LOCK, SESSIONS, STATES, WAITS, blocker, end_abandoned
from sql.engine import connect
from tests.lab.ledger.scratch import Scratch, account

DRAW = "INSERT INTO toy_draw (source_id, row_no, load_id, number) VALUES (1, 1, 1, 7)"
SAME_ROW = "UPDATE toy_draw SET number = number + 1 WHERE source_id = 1 AND row_no = 1"
LONG_WAIT = "SET SESSION lock_wait_timeout = 120, innodb_lock_wait_timeout = 120"


class Waiters:
    """Sessions of an account that each wait for a lock which another session holds."""

    def __init__(self, account: Settings) -> None:
        self.engine = connect(account)
        self.failed: list[str] = []
        self.threads: list[Thread] = []

    def begin(self, statement: str) -> None:
        self.threads.append(Thread(target=self._wait, args=(statement,)))
        self.threads[-1].start()

    def end(self) -> None:
        for thread in self.threads:
            thread.join(30)
            assert not thread.is_alive()
        self.engine.dispose()
        assert self.failed == []

    def blamed(self) -> str:
        """Whom their account names."""
        with self.engine.connect() as asking:
            return blocker(asking) or ""

    def sees(self, holder: str, count: int = 1) -> None:
        """Waits until so many sessions wait, and the holder is named; as long as a wait may last."""
        named = [""]

        def is_named() -> bool:
            assert self.failed == []
            assert all(thread.is_alive() for thread in self.threads), "nobody waits any more"
            named[0] = self.blamed()
            return holder in named[0] and self._waiting() >= count

        try:
            wait_until(is_named, f"{holder} is named", 100)
        except AssertionError as late:
            raise AssertionError(f"{late}; named is {named[0]!r}, {self._waiting()} wait, {self._seen()}") from late

    def _seen(self) -> str:
        with self.engine.connect() as asking:
            return "; ".join(str(asking.execute(query).all()) for query in (WAITS, HELD, SESSIONS))

    def _waiting(self) -> int:
        with self.engine.connect() as asking:
            rows = asking.scalar(text("SELECT COUNT(*) FROM performance_schema.data_lock_waits"))
            return int(rows or 0) + bool(asking.scalar(STATES))

    def _wait(self, statement: str) -> None:
        try:
            with self.engine.begin() as connection:
                connection.execute(text(LONG_WAIT))
                connection.execute(text(statement))
        except DBAPIError as error:
            self.failed.append(str(error))


def test_the_holder_of_a_row_is_named(scratch: Scratch, spark_account: Settings) -> None:
    waiters = Waiters(spark_account)
    assert waiters.blamed() == ""
    with scratch.engine.connect() as holder:
        holder.execute(text(DRAW))
        waiters.begin(DRAW)
        waiters.sees("migrate@")
        holder.rollback()
        waiters.end()


def test_who_waits_as_well_is_not_named(scratch: Scratch, spark_account: Settings) -> None:
    waiters = Waiters(spark_account)
    with scratch.engine.begin() as connection:
        connection.execute(text(DRAW))
    with scratch.engine.connect() as holder:
        holder.execute(text(SAME_ROW))
        for _ in range(3):
            waiters.begin(SAME_ROW)
        waiters.sees("migrate@", count=3)
        assert "spark@" not in waiters.blamed()
        holder.rollback()
        waiters.end()


def test_a_table_that_another_session_uses_is_told(scratch: Scratch, spark_account: Settings) -> None:
    waiters = Waiters(spark_account)
    with scratch.engine.connect() as holder:
        holder.execute(text("LOCK TABLES toy_draw READ"))
        waiters.begin(DRAW)
        waiters.sees(METADATA_LOCK)
        holder.execute(text("UNLOCK TABLES"))
        waiters.end()


def test_an_account_that_may_not_look_at_rows_locks_is_told_of_no_holder(scratch: Scratch) -> None:
    reader = connect(account("reader"))
    with reader.connect() as asking:
        assert blocker(asking) is None
    reader.dispose()


def test_a_session_of_ones_own_that_says_nothing_any_more_is_ended(
    scratch: Scratch, spark_account: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That of another application, or one that says something, stays."""
    waiters, ours = Waiters(spark_account), connect(spark_account, app="toy", owner="here")
    with ours.connect() as holder:
        holder.execute(text(DRAW))
        waiters.begin(DRAW)
        waiters.sees("spark@")
        with waiters.engine.connect() as asking:
            assert end_abandoned(asking, "toy") == []
            monkeypatch.setattr("sql.blockers.ABANDONED_SECONDS", 0)
            assert end_abandoned(asking, "another") == []
            number = holder.connection.dbapi_connection.connection_id  # type: ignore[union-attr]
            assert end_abandoned(asking, "toy") == [number]
        waiters.end()
        holder.invalidate()
    ours.dispose()
