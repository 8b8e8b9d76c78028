"""Who only reads has a share of MySQL's connections; one more is refused, and the stream still comes in.

For a moment no other reader is let in, dashboards and `make status` among them.
"""

from contextlib import ExitStack, closing, suppress

import pytest
from mysql.connector import DatabaseError, errorcode
from mysql.connector.connection import MySQLConnection

from instruments.tools import as_root, wait_until
from lab.observe.access import settings
from millrace.settings import Lab, Settings
from sql.connection import reading_connection
from tests.lab.ledger.scratch import account

DEADLINE = 60


def answer(connection: MySQLConnection, query: str) -> str:
    """The one value of a query, as text."""
    cursor = connection.cursor()
    cursor.execute(query)
    (value,) = cursor.fetchone() or ("",)
    return str(value)


def share(reader: Settings) -> int:
    """Most connections of the account that this reader comes in as."""
    with closing(reading_connection(reader)) as connection:
        user, host = answer(connection, "SELECT CURRENT_USER()").split("@")
    return int(as_root(f"SELECT max_user_connections FROM mysql.user WHERE user = '{user}' AND host = '{host}'"))


def is_let_in(reader: Settings) -> bool:
    with suppress(DatabaseError):
        reading_connection(reader).close()
        return True
    return False


def test_a_reader_beyond_the_share_is_refused_and_others_come_in(lab: Lab) -> None:
    reader = settings()
    most = share(reader)
    with ExitStack() as opened:
        with pytest.raises(DatabaseError) as refused:
            for _ in range(most + 1):
                opened.enter_context(closing(reading_connection(reader)))
        assert refused.value.errno == errorcode.ER_USER_LIMIT_REACHED
        stream = account("spark").model_copy(update={"mysql_database": "information_schema"})
        with closing(reading_connection(stream)) as connection:
            assert answer(connection, "SELECT 1") == "1"
    wait_until(lambda: is_let_in(reader), "a reader is let in again", DEADLINE)
