"""Who holds a lock that this account's sessions wait for: to be told to people, or to be ended."""

from collections.abc import Iterable
from typing import Any

from mysql.connector import errorcode
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from sql.connection import APP

METADATA_LOCK = "another session that uses the table"
WAITS = text(
    "SELECT requesting_engine_transaction_id, blocking_engine_transaction_id FROM performance_schema.data_lock_waits"
)
# The lock of a row, waited for or held, may stand under another thread than its transaction's: one that waits for it
# has made it explicit, or one of the server's own has moved it. That of a table never does.
HELD = text("SELECT engine_transaction_id, thread_id FROM performance_schema.data_locks WHERE lock_type = 'TABLE'")
SESSIONS = text(
    "SELECT thread_id, processlist_user, processlist_host, processlist_id, processlist_command, processlist_time"
    " FROM performance_schema.threads"
    " WHERE processlist_id IS NOT NULL"
)
STATES = text("SELECT COUNT(*) FROM information_schema.processlist WHERE state LIKE 'Waiting for % metadata lock'")
MARKED = text(
    "SELECT processlist_id FROM performance_schema.session_account_connect_attrs"
    " WHERE attr_name = :name AND attr_value = :app"
)
ABANDONED_SECONDS = 10
"""A task that lives says something sooner, from one statement of its transaction to the next."""
USER = text("SELECT SUBSTRING_INDEX(CURRENT_USER(), '@', 1)")


def blocker(connection: Connection) -> str | None:
    """Those sessions' accounts and numbers, rows' locks first.

    None where nobody waits; an account that may not ask for rows' locks is told of tables' locks only.
    """
    blockers: list[str] = []
    try:
        blockers += sorted(
            f"{one.processlist_user}@{one.processlist_host} (connection {one.processlist_id})"
            for one in _holders(connection)
        )
    except DBAPIError as error:
        if getattr(error.orig, "errno", None) != errorcode.ER_TABLEACCESS_DENIED_ERROR:
            raise
        connection.rollback()
    if connection.scalar(STATES):
        blockers.append(METADATA_LOCK)
    return " and ".join(blockers) or None


def end_abandoned(connection: Connection, app: str) -> list[int]:
    """Ends the application's own sessions that others wait for and that have long said nothing; their numbers.

    A task that was cut off from its executor keeps the rows that the next attempt wants, for as long as it lives.
    """
    own = set(connection.scalars(MARKED, {"name": APP, "app": app}))
    silent = [
        one.processlist_id
        for one in _holders(connection)
        if one.processlist_command == "Sleep" and one.processlist_time >= ABANDONED_SECONDS
    ]
    abandoned = sorted(own.intersection(silent))
    end_sessions(connection, abandoned)
    return abandoned


def end_sessions(connection: Connection, numbers: Iterable[int]) -> None:
    """What they had not committed is undone. One that has gone by itself is fine."""
    for number in numbers:
        try:
            connection.execute(text(f"KILL {int(number)}"))
        except DBAPIError as error:
            if getattr(error.orig, "errno", None) != errorcode.ER_NO_SUCH_THREAD:
                raise


def _holders(connection: Connection) -> list[Any]:
    """Whom the account's sessions wait for, but for those who wait as well: they are not to blame."""
    user = connection.scalar(USER)
    waits = connection.execute(WAITS).all()
    if not waits:
        return []
    held = {row.thread_id: row.engine_transaction_id for row in connection.execute(HELD)}
    sessions = {row.thread_id: row for row in connection.execute(SESSIONS)}
    own = {thread for thread, session in sessions.items() if session.processlist_user == user}
    waiting = {wait.requesting_engine_transaction_id for wait in waits}
    ours = {transaction for thread, transaction in held.items() if thread in own}
    blamed = {wait.blocking_engine_transaction_id for wait in waits if wait.requesting_engine_transaction_id in ours}
    blocking = blamed - waiting
    to_blame = {thread for thread, transaction in held.items() if transaction in blocking}
    return [session for thread, session in sessions.items() if thread in to_blame]
