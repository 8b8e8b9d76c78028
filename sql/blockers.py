"""Who holds a lock that this account's sessions wait for, to be told to people."""

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

METADATA_LOCK = "another session that uses the table"
# A row's lock may stand under the thread that waits for it, which has made it explicit; that of a table never does.
WAITS = text(
    "SELECT CONCAT(holder.processlist_user, '@', holder.processlist_host, ' (connection ', holder.processlist_id, ')')"
    " FROM performance_schema.data_lock_waits AS waits"
    " JOIN performance_schema.threads AS waiter ON waiter.thread_id = waits.requesting_thread_id"
    " JOIN performance_schema.data_locks AS held"
    " ON held.engine_transaction_id = waits.blocking_engine_transaction_id AND held.lock_type = 'TABLE'"
    " JOIN performance_schema.threads AS holder ON holder.thread_id = held.thread_id"
    " WHERE waiter.processlist_user = SUBSTRING_INDEX(CURRENT_USER(), '@', 1) LIMIT 1"
)
STATES = text("SELECT COUNT(*) FROM information_schema.processlist WHERE state LIKE 'Waiting for % metadata lock'")


def blocker(connection: Connection) -> str | None:
    """That session's account and number; None where nobody waits, or where the account may not ask for rows' locks."""
    if connection.scalar(STATES):
        return METADATA_LOCK
    try:
        found = connection.scalar(WAITS)
    except DBAPIError:
        connection.rollback()
        return None
    return str(found) if found else None
