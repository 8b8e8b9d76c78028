"""Connections to MySQL: one that broke leaves those alone that its thread uses next."""

import select
import socket
import ssl
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from threading import Thread
from types import SimpleNamespace

import pytest
from mysql.connector.connection import MySQLConnection

from sql.connection import LeanConnection

WAIT_SECONDS = 0.1


def without_certificates(side: int) -> ssl.SSLContext:
    context = ssl.SSLContext(side)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("AECDH:@SECLEVEL=0")
    return context


@contextmanager
def tls_connection() -> Iterator[tuple[ssl.SSLSocket, ssl.SSLSocket]]:
    """A client's end, and the server's."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = socket.create_connection(listener.getsockname())
        server, _ = listener.accept()
    ends: list[ssl.SSLSocket] = []
    context = without_certificates(ssl.PROTOCOL_TLS_SERVER)
    accepting = Thread(target=lambda: ends.append(context.wrap_socket(server, server_side=True)))
    accepting.start()
    with closing(without_certificates(ssl.PROTOCOL_TLS_CLIENT).wrap_socket(client)) as wrapped:
        accepting.join()
        with closing(ends[0]):
            yield wrapped, ends[0]


def wait_for_reset(end: socket.socket) -> None:
    poll = select.poll()
    poll.register(end, 0)
    assert poll.poll(5000)


def test_no_part_of_a_statement_waits_for_an_answer_to_the_one_before(monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(socket.socket()) as made:
        opened = SimpleNamespace(sock=made)
        monkeypatch.setattr(MySQLConnection, "_open_connection", lambda self: setattr(self, "_socket", opened))
        LeanConnection()._open_connection()
        assert made.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_one_that_broke_leaves_no_error_to_the_next() -> None:
    """A server that is killed: what is written to it then is answered by a reset. OpenSSL 3.5 keeps the error."""
    with tls_connection() as (broken, gone), tls_connection() as (well, _):
        gone.close()
        broken.send(b"is anybody there?")
        wait_for_reset(broken)
        with suppress(OSError):
            broken.recv(1)
        LeanConnection().close()
        well.settimeout(WAIT_SECONDS)
        with pytest.raises(TimeoutError):
            well.recv(1)
