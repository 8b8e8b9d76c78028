"""Whether a record may be why a load failed, or the failure would have met any other as well."""

import re
from typing import NamedTuple

from sqlalchemy.exc import DBAPIError

from millrace.errors import Refused
from spark.load.error_summary import names, sentence
from spark.load.load_data import LoadMismatch
from spark.topic.feed_topic import FeedTopic
from spark.topic.offset_range import OffsetRange
from sql.errors import CountMismatch, LostEpoch, ZombieLoad

NEVER = (Refused, LostEpoch, ZombieLoad, CountMismatch, OSError)
OF_THE_DATA = ("22", "23")
"""Classes of SQLSTATE: values that MySQL cannot take, constraints that they break."""
INCORRECT_VALUE = 1366
MYSQL = re.compile(r"mysql\.connector\.errors\.\w+: (?P<number>-?\d+)(?: \((?P<state>\w{5})\))?")
OF_THE_SYSTEM = frozenset(
    {"OSError", "FileNotFoundError", "PermissionError", "ConnectionError", "TimeoutError", "ZombieLoad", "LookupError"}
)
WORKER_DIED = "Python worker exited unexpectedly"
HEAP_IS_FULL = ("OutOfMemoryError: Java heap space", "OutOfMemoryError: Requested array size exceeds VM limit")
OF_A_TASK = ("Traceback (most recent call last)", WORKER_DIED, *HEAP_IS_FULL)
TOO_LARGE = "it is too large to be read: a few bytes in Kafka that unpack to more than memory holds"
OF_MEMORY = (WORKER_DIED, "MemoryError", "ArrowMemoryError", *HEAP_IS_FULL)
VARYING = re.compile(r"'[^']*'|\d+")


class Failure(NamedTuple):
    """What a person reads of it; the same without what differs from try to try; and the error itself."""

    reason: str
    kind: str
    error: Exception


def blamed(error: Exception) -> Failure | None:
    """The failure, where a record can be its cause; None where it is of MySQL, Kafka, Spark or this machine."""
    reason = sentence(error)
    return Failure(reason, VARYING.sub("…", reason), error) if _may_be_of_a_record(error) else None


def is_too_large(failure: Failure, topic: FeedTopic, one: OffsetRange) -> bool:
    """Whether the one record there failed because it cannot be read. Raises where the heap is full without it."""
    if not _is(failure, OF_MEMORY):
        return False
    found = topic.is_too_large(*one.first)
    if not found and _is(failure, HEAP_IS_FULL):
        raise failure.error
    return found


def _is(failure: Failure, signs: tuple[str, ...]) -> bool:
    return any(sign in str(failure.error) for sign in signs)


def _may_be_of_a_record(error: Exception) -> bool:
    if isinstance(error, DBAPIError):
        return _is_of_the_data(getattr(error.orig, "errno", 0), getattr(error.orig, "sqlstate", None) or "")
    if isinstance(error, LoadMismatch):
        return True
    return not isinstance(error, NEVER) and _is_of_a_task(error)


def _is_of_a_task(error: Exception) -> bool:
    """What an executor reports is text: a Python traceback inside one of Java's."""
    text = str(error)
    if "mysql.connector.errors." in text:
        found = MYSQL.search(text)
        return found is not None and _is_of_the_data(int(found["number"]), found["state"] or "")
    return any(sign in text for sign in OF_A_TASK) and OF_THE_SYSTEM.isdisjoint(names(error))


def _is_of_the_data(number: int, state: str) -> bool:
    return state[:2] in OF_THE_DATA or number == INCORRECT_VALUE
