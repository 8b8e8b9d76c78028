"""Who holds a lock that this account's sessions wait for, to be told to people."""

from mysql.connector import errorcode
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

METADATA_LOCK = "another session that uses the table"
# A row's lock may stand under the thread that waits for it, which has made it explicit; that of a table never does.
# Who waits too is not to blame: those behind it wait for its place in the queue.
HOLDERS = text(
    "SELECT DISTINCT CONCAT(holder.processlist_user, '@', COALESCE(holder.processlist_host, ''),"
    " ' (connection ', holder.processlist_id, ')') AS told"
    " FROM performance_schema.data_lock_waits AS waits"
    " JOIN performance_schema.threads AS waiter ON waiter.thread_id = waits.requesting_thread_id"
    " JOIN performance_schema.data_locks AS held"
    " ON held.engine_transaction_id = waits.blocking_engine_transaction_id AND held.lock_type = 'TABLE'"
    " JOIN performance_schema.threads AS holder ON holder.thread_id = held.thread_id"
    " WHERE waiter.processlist_user = SUBSTRING_INDEX(CURRENT_USER(), '@', 1)"
    " AND waits.blocking_engine_transaction_id NOT IN"
    " (SELECT requesting_engine_transaction_id FROM performance_schema.data_lock_waits)"
    " ORDER BY told"
)
STATES = text("SELECT COUNT(*) FROM information_schema.processlist WHERE state LIKE 'Waiting for % metadata lock'")


def blocker(connection: Connection) -> str | None:
    """Those sessions' accounts and numbers, rows' locks first.

    None where nobody waits; an account that may not ask for rows' locks is told of tables' locks only.
    """
    holders: list[str] = []
    try:
        holders += connection.scalars(HOLDERS)
    except DBAPIError as error:
        if getattr(error.orig, "errno", None) != errorcode.ER_TABLEACCESS_DENIED_ERROR:
            raise
        connection.rollback()
    if connection.scalar(STATES):
        holders.append(METADATA_LOCK)
    return " and ".join(holders) or None
