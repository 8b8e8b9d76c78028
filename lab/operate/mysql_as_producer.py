"""Writing to MySQL from the kafka machine: what is asked of the stream, what is told to people, and nothing else."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from lab.observe.warehouse import warehouse
from millrace.settings import Settings


@contextmanager
def as_producer(settings: Settings) -> Iterator[Connection]:
    """A transaction of the account `producer`; one sentence when MySQL does not answer."""
    producer = {"mysql_user": "producer", "mysql_password": settings.mysql_producer_password}
    with warehouse(settings.model_copy(update=producer)) as connection, connection.begin():
        yield connection
