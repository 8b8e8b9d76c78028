"""The executors' side of the ledger: a task holds its load while it writes, so that a zombie finds its load gone."""

from typing import Any

from millrace.waiting import ask_until
from sql.errors import ZombieLoad

BEGIN_SECONDS = 300
"""Longer than the commit before it may take to fail; whoever gives up then would have been ended long before."""
PAUSE_SECONDS = 0.02
IS_THERE = "SELECT COUNT(*) FROM pipeline_load WHERE load_id = %s"
HOLD = "SELECT state, epoch, feed FROM pipeline_load WHERE load_id = %s FOR SHARE"


def await_load(connection: Any, load_id: int) -> None:
    """Returns when a load whose number was given beforehand has begun.

    `connection` as for `hold_load`, without an open transaction. Raises ZombieLoad where it never begins.
    """

    def is_there() -> bool:
        cursor = connection.cursor()
        try:
            cursor.execute(IS_THERE, (load_id,))
            (found,) = cursor.fetchone()
        finally:
            cursor.close()
            connection.rollback()
        return bool(found)

    if not ask_until(is_there, bool, seconds=BEGIN_SECONDS, pause=PAUSE_SECONDS):
        raise ZombieLoad(f"Load {load_id} has not begun within {BEGIN_SECONDS} s.")


def hold_load(connection: Any, load_id: int, epoch: int, feed: str) -> None:
    """Lock the load's row FOR SHARE in the caller's open transaction; the commit, and an undo, wait for its end.

    `connection` is a mysql.connector connection without autocommit. Raises ZombieLoad when the load is gone, is not
    pending, was begun by another epoch, or is another feed's.
    """
    cursor = connection.cursor()
    try:
        cursor.execute(HOLD, (load_id,))
        row = cursor.fetchone()
    finally:
        cursor.close()
    if row != ("pending", epoch, feed):
        found = f"{row[0]}, of epoch {row[1]} and the feed {row[2]}" if row else "gone"
        raise ZombieLoad(f"Load {load_id} of epoch {epoch} and the feed {feed} is {found}.")
