"""Connections to the lab's own MySQL: READ COMMITTED, utf8mb4, UTC; a dead peer is noticed by time-outs."""

import socket
from typing import Any

import mysql.connector
from mysql.connector.connection import MySQLConnection
from mysql.connector.errors import ReadTimeoutError, WriteTimeoutError

from millrace.keepalive import socket_options
from millrace.settings import Settings
from sql.tls_errors import forget_tls_errors

CONNECT_SECONDS = 5
READ_SECONDS = 120
"""Longer than any statement of the protocol. A severed network is noticed sooner, see millrace.keepalive."""
LOCK_WAIT_SECONDS = 20
SESSION = (
    "SET SESSION time_zone = '+00:00', transaction_isolation = 'READ-COMMITTED',"
    f" innodb_lock_wait_timeout = {LOCK_WAIT_SECONDS}"
)


SENT_AT_ONCE = (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
"""The end of what is written in several parts, as a long statement or LOAD DATA's file: it would wait for 40 ms until
the server has said that it has the part before."""


class LeanConnection(MySQLConnection):
    """Notices a severed network, and a socket that is gone, without asking the server before every cursor."""

    def _open_connection(self) -> None:
        super()._open_connection()
        if self._socket is not None and self._socket.sock is not None:
            for option in (SENT_AT_ONCE, *socket_options()):
                self._socket.sock.setsockopt(*option)

    def is_connected(self) -> bool:
        return self._socket is not None

    def close(self) -> None:
        """Whatever broke this connection, the thread's other ones are well afterwards."""
        try:
            super().close()
        finally:
            forget_tls_errors()

    disconnect = close

    def lives(self) -> bool:
        """Whether the server answers."""
        return bool(super().is_connected())


LEAST_OF_THE_SERVER, OF_THE_CLIENT = 1000, range(2000, 3000)
"""Which numbers are the server's, and which between them the connector's own; an error without a number has -1."""
APP, OWNER, EPOCH = "millrace_app", "millrace_owner", "millrace_epoch"


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
        **arguments(settings, attributes),
        **more,
    )
    connection.cmd_query(SESSION)
    return connection


def arguments(settings: Settings, attributes: dict[str, str]) -> dict[str, Any]:
    """What every connection to MySQL is opened with, but for where and as whom."""
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


def is_answer(error: BaseException) -> bool:
    """Whether the server itself refused a statement.

    Any other error leaves the connection's state unknown: an answer that comes later would be taken for that to the
    next statement. A lost connection is often reported as something else, as "Failed processing pyformat-parameters".
    """
    if not isinstance(error, mysql.connector.Error) or isinstance(error, (ReadTimeoutError, WriteTimeoutError)):
        return False
    return error.errno >= LEAST_OF_THE_SERVER and error.errno not in OF_THE_CLIENT
