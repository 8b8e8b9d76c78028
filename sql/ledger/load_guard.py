"""The executors' side of the ledger: a task holds its load while it writes, so that a zombie finds its load gone."""

from typing import Any

from sql.errors import ZombieLoad

HOLD = "SELECT state, epoch, feed FROM pipeline_load WHERE load_id = %s FOR SHARE"


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
