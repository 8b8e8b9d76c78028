"""Who only reads can neither keep the stream out of MySQL nor leave a query running for ever."""

from millrace.settings import Lab
from sql.connection import reading_connection
from tests.lab.ledger.scratch import account
from tests.lab.tools import Warehouse, as_root

READER_SECONDS = 900


def test_a_readers_query_ends_some_time(mysql: Warehouse) -> None:
    assert mysql.one("SELECT @@SESSION.max_execution_time") == READER_SECONDS * 1000


def test_the_streams_statements_take_as_long_as_they_need(lab: Lab) -> None:
    connection = reading_connection(account("spark").model_copy(update={"mysql_database": "information_schema"}))
    try:
        cursor = connection.cursor()
        cursor.execute("SELECT @@SESSION.max_execution_time")
        assert cursor.fetchone() == (0,)
    finally:
        connection.close()


def test_readers_leave_connections_to_the_others(lab: Lab) -> None:
    most = "SELECT max_user_connections, @@max_connections FROM mysql.user WHERE user = 'reader'"
    of_reader, of_all = map(int, as_root(most).split())
    assert 0 < of_reader < of_all
