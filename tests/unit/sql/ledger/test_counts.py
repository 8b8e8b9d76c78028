"""Duplicates are what was read less what the tables hold; the tables can never hold more."""

import pytest
from mysql.connector import DatabaseError, InternalError, OperationalError, ProgrammingError
from mysql.connector.errors import ReadTimeoutError
from sqlalchemy.exc import DBAPIError

from sql.errors import CountMismatch, is_transient
from sql.ledger.counts import SourceCounts, SourceRead, count_sources


def test_what_is_left_over_is_duplicates() -> None:
    reads = {2: SourceRead(2, 5), 1: SourceRead(1, 9, origin="console"), 3: SourceRead(3, 1)}
    assert count_sources(reads, {1: (4, 1), 2: (0, 5)}, {1: 2}) == [
        SourceCounts(1, 9, 4, 1, 2, 2, "console"),
        SourceCounts(2, 5, 0, 5, 0, 0),
        SourceCounts(3, 1, 0, 0, 1, 0),
    ]


@pytest.mark.parametrize(
    ("reads", "changed", "quarantined", "sentence"),
    [
        ({1: 2}, {1: (2, 1)}, {}, "hold 3 records of source 1, the load read 2"),
        ({1: 2}, {1: (2, 0)}, {1: 1}, "hold 3 records of source 1, the load read 2"),
        ({1: 2}, {2: (1, 0)}, {}, "rows of source 2, of which the load has read nothing"),
        ({1: 2}, {}, {7: 1}, "rows of source 7, of which the load has read nothing"),
    ],
)
def test_more_in_the_tables_than_was_read_is_refused(
    reads: dict[int, int], changed: dict[int, tuple[int, int]], quarantined: dict[int, int], sentence: str
) -> None:
    with pytest.raises(CountMismatch, match=sentence):
        count_sources({source: SourceRead(source, read) for source, read in reads.items()}, changed, quarantined)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (DatabaseError(errno=1213), True),
        (DBAPIError("COMMIT", {}, OperationalError(errno=1205)), True),
        (DBAPIError("COMMIT", {}, OperationalError(errno=9), connection_invalidated=True), True),
        (OperationalError(errno=2013), True),
        (OperationalError(errno=1159, sqlstate="08S01"), True),
        (ProgrammingError("Failed processing pyformat-parameters; 2055: Lost connection"), True),
        (InternalError("Unread result found"), True),
        (ReadTimeoutError(errno=3024), True),
        (TimeoutError(), True),
        (DatabaseError(errno=1406), False),
        (DBAPIError("INSERT", {}, DatabaseError(errno=1062)), False),
        (ValueError(), False),
    ],
)
def test_only_passing_errors_are_tried_again(error: Exception, expected: bool) -> None:
    assert is_transient(error) is expected
