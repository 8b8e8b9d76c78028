"""What commands ask MySQL, over SQLAlchemy."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from lab.observe.access import check_mysql, refusal
from millrace.settings import Settings
from sql.connection import READ_SECONDS
from sql.engine import connect


@contextmanager
def warehouse(of: Settings, read_seconds: int = READ_SECONDS) -> Iterator[Connection]:
    """A connection to MySQL; one sentence when it does not answer or refuses a query, or takes longer than that."""
    check_mysql(of)
    engine = connect(of, read_seconds=read_seconds)
    try:
        with engine.connect() as connection:
            yield connection
    except DBAPIError as failed:
        raise refusal(of, failed.orig) from failed
    finally:
        engine.dispose()
