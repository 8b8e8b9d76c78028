"""Who only reads can neither keep the stream out of MySQL nor leave a query running for ever.

That connections beyond the reader's share are refused is a drill: tests/faults/all_feeds/test_reader_share.py.
"""

import pytest
from mysql.connector import DatabaseError, errorcode

from instruments.tools import Warehouse, as_root
from lab.host import remote
from lab.observe.access import settings
from millrace.settings import Lab
from sql.connection import reading_connection
from tests.lab.ledger.scratch import account

READER_SECONDS = 900
OTHERS = 600 * 2**20
"""Bytes that it was seen to take besides, after an hour of a thousand records a second."""


def test_a_readers_query_ends_some_time(mysql: Warehouse) -> None:
    assert mysql.one("SELECT @@SESSION.max_execution_time") == READER_SECONDS * 1000


def test_a_query_is_ended_by_that_limit(lab: Lab) -> None:
    """The same one, set low for this session: it would sleep for years."""
    connection = reading_connection(settings())
    try:
        cursor = connection.cursor()
        cursor.execute("SET SESSION max_execution_time = 300")
        with pytest.raises(DatabaseError) as refused:
            cursor.execute("SELECT SUM(SLEEP(1000000)) FROM pipeline_feed")
            cursor.fetchall()
        assert refused.value.errno == errorcode.ER_QUERY_TIMEOUT
    finally:
        connection.close()


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


def test_all_that_mysql_may_take_is_less_than_its_unit_may(lab: Lab) -> None:
    pages, aside = map(int, as_root("SELECT @@innodb_buffer_pool_size, @@temptable_max_ram").split())
    most = int(remote.run("mysql", "systemctl show mysql --property=MemoryMax --value"))
    assert pages + aside + OTHERS <= most
