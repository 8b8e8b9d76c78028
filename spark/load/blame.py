"""Whether a record may be why a load failed, or the failure would have met any other as well."""

import re
from typing import NamedTuple

from sqlalchemy.exc import DBAPIError

from millrace.errors import Refused
from spark.load.error_summary import PYTHONS, names, no_memory_of, sentence
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
PYTHONS_MEMORY = re.compile(r"^[\w.]*MemoryError\b", re.MULTILINE)
OF_THE_HEAP = ("Java heap space", "Requested array size exceeds VM limit")
MEMORY = "memory"
"""The kind of all failures of that: which of them a record meets that is too large differs from try to try."""
TOO_LARGE = "it, or what was sent with it, unpacks to more than can be read"
VARYING = re.compile(r"'[^']*'|\d+")


class Failure(NamedTuple):
    """What a person reads of it; the same without what differs from try to try; and the error itself."""

    reason: str
    kind: str
    error: Exception


def blamed(error: Exception) -> Failure | None:
    """The failure, where a record can be its cause; None where it is of MySQL, Kafka, Spark or this machine."""
    if not _may_be_of_a_record(error):
        return None
    reason = sentence(error)
    return Failure(reason, MEMORY if _is_of_memory(error) else VARYING.sub("…", reason), error)


def is_too_large(failure: Failure, topic: FeedTopic, one: OffsetRange) -> bool:
    """Whether the one record there fails because it cannot be read. Raises where the heap is full and it can."""
    if failure.kind != MEMORY:
        return False
    found = topic.is_too_large(*one.first)
    if not found and no_memory_of(failure.error):
        raise failure.error
    return found


def _is_of_memory(error: Exception) -> bool:
    text = str(error)
    return bool(PYTHONS_MEMORY.search(text) if PYTHONS in text else WORKER_DIED in text or no_memory_of(error))


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
    is_ours = PYTHONS in text or WORKER_DIED in text or no_memory_of(error).startswith(OF_THE_HEAP)
    return is_ours and OF_THE_SYSTEM.isdisjoint(names(error))


def _is_of_the_data(number: int, state: str) -> bool:
    return state[:2] in OF_THE_DATA or number == INCORRECT_VALUE
