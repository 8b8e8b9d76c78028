"""Out of a stack of Python and Java, the one sentence a person needs."""

import pytest
from sqlalchemy.exc import DBAPIError

from millrace.errors import Refused, disk_full
from spark.load.error_summary import LONGEST, sentence
from spark.load.load_data import LoadMismatch

TRACEBACK = """An exception was thrown from the Python worker:
Traceback (most recent call last):
  File "/opt/millrace/app/spark/load/load_data.py", line 40, in load_file
    raise LoadMismatch(
spark.load.load_data.LoadMismatch: facts: 3 rows were written, and the server reports 2 records.
"""
FOREIGN = """Job aborted due to stage failure: Task 0 in stage 5.0 failed 4 times.
java.lang.OutOfMemoryError: Java heap space
\tat org.apache.spark.Task.run(Task.scala:147)
"""
FULL = f"""An exception was thrown from the Python worker:
{TRACEBACK.splitlines()[1]}
OSError: [Errno 28] No space left on device
"""


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (Refused("Topic t was made anew; start over."), "Topic t was made anew; start over."),
        (LoadMismatch("facts: too few."), "facts: too few."),
        (RuntimeError(TRACEBACK), "facts: 3 rows were written, and the server reports 2 records."),
        (RuntimeError(FOREIGN), "java.lang.OutOfMemoryError: Java heap space"),
        (RuntimeError(FULL), disk_full("spark")),
        (
            DBAPIError("INSERT", {"x": "[Errno 28]"}, RuntimeError("1114 (HY000): The table 't' is full")),
            disk_full("mysql"),
        ),
        (DBAPIError("INSERT", {"x": "\n[Errno 28]"}, RuntimeError("1146")), "DBAPIError: (builtins.RuntimeError) 1146"),
        (ValueError("plain"), "ValueError: plain"),
        (ValueError(), "ValueError: no reason given"),
    ],
)
def test_the_innermost_words(error: Exception, expected: str) -> None:
    assert sentence(error) == expected


def test_a_sentence_has_an_end() -> None:
    assert sentence(Refused("x" * 2000)) == "x" * LONGEST + " …"
