"""Which failures a record may be blamed for: a wrong table, a lost server or a full disk would meet every record."""

from unittest.mock import Mock

import pytest
from mysql.connector.errors import DatabaseError, DataError, OperationalError, ProgrammingError
from sqlalchemy.exc import DBAPIError

from millrace.errors import Refused
from spark.load.blame import MEMORY, blamed, is_too_large
from spark.load.error_summary import no_memory_of
from spark.load.load_data import LoadMismatch
from spark.topic.offset_range import OffsetRange
from sql.errors import CountMismatch, LostEpoch, ZombieLoad


def of_a_task(line: str) -> Exception:
    """As Spark tells the driver what went wrong on an executor."""
    return RuntimeError(
        "Job aborted due to stage failure: Task 0 in stage 5.0 failed 4 times\n"
        "org.apache.spark.api.python.PythonException: Traceback (most recent call last):\n"
        f'  File "/opt/millrace/app/spark/load/load_task.py", line 40, in load\n    raise it\n{line}\n'
    )


def of_an_executor(line: str) -> Exception:
    return RuntimeError(
        "Job aborted due to stage failure: Task 0 in stage 5.0 failed 4 times, most recent failure: Lost task 0.3 in"
        f" stage 5.0 (TID 9) (192.168.33.12 executor 0): {line}\n\tat java.base/java.nio.ByteBuffer.allocate\n"
    )


def of_a_commit(error: Exception) -> Exception:
    return DBAPIError("UPDATE", None, error)


@pytest.mark.parametrize(
    ("error", "is_blamed"),
    [
        (LoadMismatch("3 rows were written"), True),
        (of_a_task("spark.load.load_data.LoadMismatch: 3 rows were written"), True),
        (of_a_task("RecursionError: maximum recursion depth exceeded"), True),
        (of_a_task("pyarrow.lib.ArrowInvalid: Could not convert"), True),
        (of_a_task("millrace.failpoints.Poisoned: a record has 'poison'"), True),
        (of_a_task("mysql.connector.errors.DataError: 1406 (22001): Data too long for column 'a' at row 1"), True),
        (of_a_task("mysql.connector.errors.DatabaseError: 1366 (HY000): Incorrect string value: 'x'"), True),
        (RuntimeError("org.apache.spark.SparkException: Python worker exited unexpectedly (crashed)"), True),
        (of_an_executor("java.lang.OutOfMemoryError: Java heap space"), True),
        (of_an_executor("java.lang.OutOfMemoryError: Requested array size exceeds VM limit"), True),
        (of_an_executor("java.lang.NoClassDefFoundError: Could not initialize class org.apache.Thing"), False),
        (of_an_executor("java.lang.OutOfMemoryError: unable to create native thread"), False),
        (of_a_commit(DataError(msg="Out of range value", errno=1264, sqlstate="22003")), True),
        (of_a_commit(ProgrammingError(msg="Unknown column 'x'", errno=1054, sqlstate="42S22")), False),
        (of_a_commit(OperationalError(msg="Lock wait timeout exceeded", errno=1205, sqlstate="HY000")), False),
        (of_a_commit(DatabaseError(msg="The table is full", errno=1114, sqlstate="HY000")), False),
        (of_a_task("mysql.connector.errors.ProgrammingError: 1054 (42S22): Unknown column 'x'"), False),
        (of_a_task("mysql.connector.errors.ProgrammingError: 3948 (42000): Loading local data is disabled"), False),
        (of_a_task("mysql.connector.errors.InterfaceError: 2003: Can't connect to MySQL server"), False),
        (of_a_task("mysql.connector.errors.OperationalError: 1159 (08S01): Got timeout reading packets"), False),
        (of_a_task("OSError: [Errno 28] No space left on device"), False),
        (of_a_task("sql.errors.ZombieLoad: Load 7 of epoch 1 is undone"), False),
        (RuntimeError("ExecutorLostFailure (executor 0 exited): Worker shutting down"), False),
        (RuntimeError("org.apache.kafka.common.errors.TimeoutException: 30 s"), False),
        (RuntimeError("org.apache.kafka.common.errors.SaslAuthenticationException: no"), False),
        (RuntimeError("org.apache.kafka.common.errors.TopicAuthorizationException: no"), False),
        (Refused("the topic is another one"), False),
        (LostEpoch("over"), False),
        (ZombieLoad("gone"), False),
        (CountMismatch("7 read, 5 held"), False),
        (TimeoutError("it took long"), False),
    ],
)
def test_a_record_may_be_why(error: Exception, is_blamed: bool) -> None:
    assert (blamed(error) is not None) is is_blamed


def test_alike_is_what_differs_in_numbers_and_values_only() -> None:
    one, two, other = (
        blamed(LoadMismatch(text))
        for text in ("7 rows: Data truncated for 'x' at row 3", "8 rows: Data truncated for 'y' at row 4", "8 rows")
    )
    assert one and two and other
    assert one.kind == two.kind != other.kind
    assert one.reason == "7 rows: Data truncated for 'x' at row 3"


ONE = OffsetRange({0: 4, 1: 7}, {0: 4, 1: 8})
HEAP, WORKER = "java.lang.OutOfMemoryError: Java heap space", "Python worker exited unexpectedly (crashed)"


@pytest.mark.parametrize(
    ("error", "found"),
    [
        (of_an_executor(HEAP), True),
        (of_a_task("MemoryError"), True),
        (of_a_task("pyarrow.lib.ArrowMemoryError: malloc of size 2 failed"), True),
        (RuntimeError(WORKER), True),
        (of_a_task("MemoryError"), False),
        (RuntimeError(WORKER), False),
    ],
)
def test_where_memory_is_short_the_record_is_measured(error: Exception, found: bool) -> None:
    topic, failure = Mock(is_too_large=Mock(return_value=found)), blamed(error)
    assert failure is not None
    assert is_too_large(failure, topic, ONE) is found
    topic.is_too_large.assert_called_once_with(1, 7)


def test_other_failures_measure_nothing() -> None:
    topic, failure = Mock(), blamed(LoadMismatch("3 rows were written"))
    assert failure is not None
    assert not is_too_large(failure, topic, ONE)
    topic.is_too_large.assert_not_called()


def test_failures_of_memory_are_alike_and_a_records_own_words_are_not_among_them() -> None:
    ours = (of_an_executor(HEAP), of_a_task("MemoryError"), RuntimeError(WORKER))
    assert {failure.kind for error in ours if (failure := blamed(error))} == {MEMORY}
    quoted = f"wrong value: 'executor 0): {HEAP}'"
    for error in (LoadMismatch(quoted), of_a_task(f"spark.load.load_data.LoadMismatch: {quoted}")):
        failure = blamed(error)
        assert failure is not None
        assert failure.kind != MEMORY
        assert not no_memory_of(error)


def test_no_small_record_is_blamed_for_a_full_heap() -> None:
    topic, failure = Mock(is_too_large=Mock(return_value=False)), blamed(of_an_executor(HEAP))
    assert failure is not None
    with pytest.raises(RuntimeError, match="heap space"):
        is_too_large(failure, topic, ONE)
