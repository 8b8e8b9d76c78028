"""The loaders' connection to MySQL, kept open between tasks: one for each Python worker process."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from millrace.settings import Settings
from sql.connection import LeanConnection, loader_connection

Owner = tuple[str, str, int]
_kept: dict[Owner, LeanConnection] = {}
"""At most one. A worker process runs one task at a time, so nobody else uses it meanwhile."""


@contextmanager
def kept_connection(settings: Settings, app: str, epoch: int) -> Iterator[LeanConnection]:
    """A connection without an open transaction, marked with the owner's epoch; closed after any failure.

    One that was left open is asked whether it still lives; one of another owner or server is closed.
    """
    owner = (f"{settings.mysql_user}@{settings.mysql_host}:{settings.mysql_port}/{settings.mysql_database}", app, epoch)
    connection = _kept.pop(owner, None)
    for other in [*_kept]:
        _close(_kept.pop(other))
    if connection is None or not connection.lives():
        connection = loader_connection(settings, app, epoch)
    try:
        yield connection
    except BaseException:
        _close(connection)
        raise
    _kept[owner] = connection


def _close(connection: LeanConnection) -> None:
    """Its open transaction, if there is one, is rolled back by the server."""
    with suppress(Exception):
        connection.close()
