"""What can go wrong between the loaders and the ledger, apart from MySQL itself."""

import logging

import mysql.connector
from sqlalchemy.exc import DBAPIError
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_delay, wait_exponential_jitter

from sql.connection import is_answer

log = logging.getLogger(__name__)

# Of the server's answers: deadlock, lock wait; killed, shutting down, too many connections; closed for idling; the
# packets of a cut network that it has waited for.
TRANSIENT = frozenset({1213, 1205, 1317, 1053, 1040, 4031, 1158, 1159, 1160, 1161})
RETRY_SECONDS = 90
REPORTED_FROM_ATTEMPT = 3


class ZombieLoad(Exception):  # noqa: N818 - it says what the caller has become
    """The load is no longer pending, or belongs to another epoch: its holder must stop and leave nothing behind."""


class LostEpoch(Exception):  # noqa: N818
    """Another copy of the application has taken over; this one may write no more."""


class CountMismatch(Exception):  # noqa: N818
    """The tables hold something else than was read: the load must be undone, the feed stopped."""


def is_transient(error: BaseException) -> bool:
    """Whether the same transaction may succeed when it is tried again."""
    if isinstance(error, DBAPIError):
        return error.orig is not None and is_transient(error.orig)
    if isinstance(error, mysql.connector.Error):
        return error.errno in TRANSIENT or not is_answer(error)
    return isinstance(error, (ConnectionError, TimeoutError))


def retrying(seconds: float = RETRY_SECONDS) -> Retrying:
    """Tries a transaction again while MySQL's error is transient; the last error is raised as it is."""
    return Retrying(
        retry=retry_if_exception(is_transient),
        wait=wait_exponential_jitter(multiplier=0.1, max=5),
        stop=stop_after_delay(seconds),
        reraise=True,
        before_sleep=_report,
    )


def _report(state: RetryCallState) -> None:
    """From the third time on: a deadlock or two are nothing to tell."""
    if state.attempt_number >= REPORTED_FROM_ATTEMPT and state.outcome:
        what = str(state.outcome.exception()).partition("\n")[0]
        log.warning("MySQL is asked for the same once more, in %.1f s: %s", state.upcoming_sleep, what)
