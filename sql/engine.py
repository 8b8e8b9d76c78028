"""Connections to MySQL: to the lab's own server, READ COMMITTED, utf8mb4, UTC; a dead peer is noticed by time-outs."""

from contextlib import suppress
from typing import Any

from mysql.connector.connection import MySQLConnection
from mysql.connector.errors import ReadTimeoutError
from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection, ExceptionContext
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry

from millrace.keepalive import socket_options
from millrace.settings import Settings
from sql.errors import is_answer
from sql.tls_errors import forget_tls_errors

CONNECT_SECONDS = 5
READ_SECONDS = 120
"""Longer than any statement of the protocol. A severed network is noticed sooner, see millrace.keepalive."""
LOCK_WAIT_SECONDS = 20
SESSION = (
    "SET SESSION time_zone = '+00:00', transaction_isolation = 'READ-COMMITTED',"
    f" innodb_lock_wait_timeout = {LOCK_WAIT_SECONDS}"
)


class LeanConnection(MySQLConnection):
    """Notices a severed network, and a socket that is gone, without asking the server before every cursor."""

    def _open_connection(self) -> None:
        super()._open_connection()
        if self._socket is not None and self._socket.sock is not None:
            for option in socket_options():
                self._socket.sock.setsockopt(*option)

    def is_connected(self) -> bool:
        return self._socket is not None

    def close(self) -> None:
        """Whatever broke this connection, the thread's other ones are well afterwards."""
        super().close()
        forget_tls_errors()

    disconnect = close

    def lives(self) -> bool:
        """Whether the server answers."""
        return bool(super().is_connected())


APP, OWNER, EPOCH = "millrace_app", "millrace_owner", "millrace_epoch"


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
    arguments = _arguments(settings, {APP: app, OWNER: owner} if app else {}) | {"read_timeout": read_seconds}
    # Every transaction is ended where it is used; asking for another end at its return is a round trip for nothing.
    engine = create_engine(
        url, isolation_level="READ COMMITTED", connect_args=arguments, pool_recycle=1800, pool_reset_on_return=None
    )
    event.listen(engine, "do_connect", _open)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "handle_error", _distrust)
    return engine


def loader_connection(settings: Settings, app: str, epoch: int) -> LeanConnection:
    """A connection for LOAD DATA LOCAL in explicit transactions, marked with the owner's epoch."""
    return _bare_connection(settings, {APP: app, EPOCH: str(epoch)}, allow_local_infile=True)


def reading_connection(settings: Settings) -> LeanConnection:
    """A connection for queries whose rows come as they are read."""
    return _bare_connection(settings, {})


def _bare_connection(settings: Settings, attributes: dict[str, str], **more: Any) -> LeanConnection:
    connection = LeanConnection(
        host=settings.mysql_host,
        port=settings.mysql_port,
        user=settings.mysql_user,
        password=settings.mysql_password.get_secret_value(),
        database=settings.mysql_database,
        autocommit=False,
        **_arguments(settings, attributes),
        **more,
    )
    connection.cmd_query(SESSION)
    return connection


def _arguments(settings: Settings, attributes: dict[str, str]) -> dict[str, Any]:
    trusted = {"ssl_ca": str(settings.mysql_ca), "ssl_verify_cert": True, "ssl_verify_identity": True}
    return {
        **(trusted if settings.mysql_ca else {}),
        "charset": "utf8mb4",
        # Columns keep their own; of JSON, whose texts are utf8mb4_bin, a literal must have the same.
        "collation": "utf8mb4_bin",
        "connection_timeout": CONNECT_SECONDS,
        "read_timeout": READ_SECONDS,
        "write_timeout": READ_SECONDS,
        "conn_attrs": attributes,
    }


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
