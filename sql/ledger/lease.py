"""Who may load: one owner per application, known by its epoch, alive while its lease and its connections last."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Engine, Row, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from millrace.errors import Refused
from sql import events
from sql.blockers import end_sessions
from sql.connection import APP, OWNER
from sql.errors import LostEpoch, retrying
from sql.events import LabEvent
from sql.schema.ledger_tables import app_table

LEASE_SECONDS = 15
UPTIME_JITTER = timedelta(seconds=2)
"""MySQL tells since when it runs in whole seconds."""
STARTED = "{app} has started as epoch {epoch}, {owner}."
RESTARTED = "MySQL has restarted, {seconds:.0f} s before the application reached it again."
BACK = "The connection to MySQL was lost, and is there again."
NOW = func.now(3)
LEASE_END = text(f"NOW(3) + INTERVAL {LEASE_SECONDS} SECOND")
CONNECTED = text(
    "SELECT COUNT(*) FROM performance_schema.session_account_connect_attrs"
    " WHERE attr_name = :owner_name AND attr_value = :owner"
)
SERVER = text(
    "SELECT NOW(3), NOW(3) - INTERVAL variable_value SECOND FROM performance_schema.global_status"
    " WHERE variable_name = 'Uptime'"
)
CONNECTIONS = text(
    "SELECT a.processlist_id FROM performance_schema.session_account_connect_attrs a"
    " LEFT JOIN performance_schema.session_account_connect_attrs o"
    " ON o.processlist_id = a.processlist_id AND o.attr_name = :owner_name"
    " WHERE a.attr_name = :app_name AND a.attr_value = :app AND COALESCE(o.attr_value, '') <> :owner"
)


def new_owner() -> str:
    """A name no other process has: host, process, and four bytes by chance."""
    return f"{socket.gethostname()[:150]}:{os.getpid()}:{uuid4().hex[:8]}"


class Owner:
    """The lease of one application, held over one connection of its own."""

    def __init__(self, engine: Engine, app: str, name: str) -> None:
        self.engine, self.app, self.name = engine, app, name
        self.epoch = 0
        self._connection: Connection | None = None
        self._server: datetime | None = None

    def take(self) -> int:
        """Become the owner: raise the epoch, kill the previous owner's connections. Refused while it is alive."""
        for attempt in retrying():
            with attempt, self._session() as connection, connection.begin():
                connection.execute(insert(app_table).prefix_with("IGNORE").values(app=self.app, epoch=0, owner=""))
                row = connection.execute(self._row().with_for_update()).one()
                if _is_alive(connection, row):
                    raise Refused(
                        f"{self.app} is already running as {row.owner} and may load until {row.lease_until} UTC;"
                        " stop that one first, or wait until its lease has run out."
                    )
                self.epoch = row.epoch + 1
                connection.execute(self._change(epoch=self.epoch, owner=self.name, started_at=NOW, **_lease()))
                started = STARTED.format(app=self.app, epoch=self.epoch, owner=self.name)
                events.note(connection, LabEvent("started", started))
        self._kill_others()
        return self.epoch

    def renew(self) -> None:
        """Prolong the lease by LEASE_SECONDS. Raises LostEpoch when another copy has taken over."""
        for attempt in retrying(LEASE_SECONDS):
            with attempt:
                self._renew_once()

    def release(self) -> None:
        """Give the lease back, so that the next owner need not wait; does nothing when it is lost already."""
        with self.engine.begin() as connection:
            connection.execute(self._change(lease_until=None, connection_id=None).where(self._is_mine()))
        self._close()

    def check(self, connection: Connection) -> None:
        """Raise LostEpoch unless this owner still holds the epoch, and keep it so until the transaction ends."""
        row = connection.execute(self._row().with_for_update(read=True)).one_or_none()
        if row is None or row.epoch != self.epoch:
            raise LostEpoch(f"{self.app}: epoch {self.epoch} is over, {row.owner if row else 'nobody'} has taken over.")

    def _renew_once(self) -> None:
        with self._session() as connection, connection.begin():
            mine = connection.execute(self._change(**_lease()).where(self._is_mine())).rowcount
        if not mine:
            raise LostEpoch(f"{self.app}: epoch {self.epoch} is over, another copy has taken over.")

    @contextmanager
    def _session(self) -> Iterator[Connection]:
        """The connection that stands for this owner: kept open, opened anew after an error."""
        try:
            if self._connection is None:
                self._connection = self.engine.connect()
                self._greet(self._connection)
            yield self._connection
        except DBAPIError:
            self._close()
            raise

    def _greet(self, connection: Connection) -> None:
        """A connection that is opened anew was lost: note whether MySQL itself has started since."""
        with connection.begin():
            now, started = connection.execute(SERVER).one()
            if self._server is not None:
                events.note(connection, _meeting(now, started, self._server))
            self._server = started

    def _kill_others(self) -> None:
        """End what the previous owner left open, so that its locks do not hold the undo up. Fencing is the epoch's."""
        names = {"app_name": APP, "app": self.app, "owner_name": OWNER, "owner": self.name}
        with self.engine.connect() as connection:
            end_sessions(connection, connection.scalars(CONNECTIONS, names).all())

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None

    def _row(self) -> Any:
        return select(app_table).where(app_table.c.app == self.app)

    def _change(self, **values: Any) -> Any:
        return update(app_table).where(app_table.c.app == self.app).values(**values)

    def _is_mine(self) -> Any:
        return app_table.c.epoch == self.epoch


def _lease() -> dict[str, Any]:
    return {"lease_until": LEASE_END, "connection_id": func.connection_id()}


def _is_alive(connection: Connection, row: Row[Any]) -> bool:
    now, started = connection.execute(SERVER).one()
    is_connected = bool(connection.scalar(CONNECTED, {"owner_name": OWNER, "owner": row.owner}))
    return is_alive(row.lease_until, now, started, is_connected=is_connected)


def _meeting(now: datetime, started: datetime, before: datetime) -> LabEvent:
    """What to tell of a connection that was opened anew; `before`: since when the server ran that it was lost to."""
    if started - before <= UPTIME_JITTER:
        return LabEvent("back", BACK)
    return LabEvent("restarted", RESTARTED.format(seconds=(now - started).total_seconds()))


def is_alive(lease_until: datetime | None, now: datetime, started: datetime, *, is_connected: bool) -> bool:
    """Whether an owner lives, by MySQL's clock. A lease can outlive its owner by seconds; connections end with it.

    Where MySQL has `started` since the lease was renewed, it has closed them itself, and no lease could be renewed
    meanwhile: the owner has the time of one lease to come back.
    """
    if lease_until is None:
        return False
    lease = timedelta(seconds=LEASE_SECONDS)
    if started > lease_until - lease:
        return now < max(lease_until, started + lease)
    return now < lease_until and is_connected
