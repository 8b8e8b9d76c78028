"""What can go wrong between the loaders and the ledger, apart from MySQL itself."""

import mysql.connector
from sqlalchemy.exc import DBAPIError
from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_exponential_jitter

# Deadlock, lock wait; killed, shutting down, too many connections; refused, gone or lost connection, and time-outs.
TRANSIENT = frozenset({1213, 1205, 1317, 1053, 1040, 2002, 2003, 2006, 2013, 2055, 3024, 4031})
RETRY_SECONDS = 90


class ZombieLoad(Exception):  # noqa: N818 - it says what the caller has become
    """The load is no longer pending, or belongs to another epoch: whoever holds this has to stop, without a trace."""


class LostEpoch(Exception):  # noqa: N818
    """Another copy of the application has taken over; this one may write no more."""


class CountMismatch(Exception):  # noqa: N818
    """The tables hold something else than was read: the load must be undone, the feed stopped."""


def is_transient(error: BaseException) -> bool:
    """Whether the same transaction may succeed when it is tried again."""
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or is_transient(error.orig or ValueError())
    if isinstance(error, mysql.connector.Error):
        return error.errno in TRANSIENT
    return isinstance(error, (ConnectionError, TimeoutError))


def retrying(seconds: float = RETRY_SECONDS) -> Retrying:
    """Tries a transaction again while MySQL's error is transient; the last error is raised as it is."""
    return Retrying(
        retry=retry_if_exception(is_transient),
        wait=wait_exponential_jitter(multiplier=0.1, max=5),
        stop=stop_after_delay(seconds),
        reraise=True,
    )
