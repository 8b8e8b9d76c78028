"""SQLAlchemy's engines for the lab's own MySQL, over connections of sql.connection."""

from contextlib import suppress
from typing import Any

from mysql.connector.errors import ReadTimeoutError
from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection, ExceptionContext
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry

from millrace.settings import Settings
from sql.connection import APP, OWNER, READ_SECONDS, SESSION, LeanConnection, arguments, is_answer


def connect(settings: Settings, app: str = "", owner: str = "", read_seconds: int = READ_SECONDS) -> Engine:
    """An engine for that account. `app` and `owner` mark its connections, so that a later owner can find them.

    `read_seconds`: longer than its longest statement.
    """
    url = URL.create(
        "mysql+mysqlconnector",
        settings.mysql_user,
        settings.mysql_password.get_secret_value(),
        settings.mysql_host,
        settings.mysql_port,
        settings.mysql_database,
    )
    how = arguments(settings, {APP: app, OWNER: owner} if app else {}) | {"read_timeout": read_seconds}
    # Every transaction is ended where it is used; asking for another end at its return is a round trip for nothing.
    engine = create_engine(
        url, isolation_level="READ COMMITTED", connect_args=how, pool_recycle=1800, pool_reset_on_return=None
    )
    event.listen(engine, "do_connect", _open)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "handle_error", _distrust)
    return engine


def _open(dialect: Any, record: ConnectionPoolEntry, positional: Any, named: dict[str, Any]) -> LeanConnection:
    """The connector in Python: its C extension has neither cmd_query_iter nor the loader's report."""
    return LeanConnection(*positional, **named)


def _prepare(connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    cursor.execute(SESSION)
    cursor.close()


def _distrust(context: ExceptionContext) -> None:
    """A connection that broke in any way is thrown away, and all idle ones with it; SQLAlchemy knows only some ways.

    A statement that takes too long is ended on the server as well: it would keep its locks from the next try.
    """
    if context.connection is None or is_answer(context.original_exception):
        return
    context.is_disconnect = True
    if isinstance(context.original_exception, ReadTimeoutError):
        number = context.connection.connection.dbapi_connection.connection_id  # type: ignore[union-attr]
        with suppress(DBAPIError), context.engine.begin() as other:  # type: ignore[union-attr]
            other.exec_driver_sql(f"KILL {int(number)}")
