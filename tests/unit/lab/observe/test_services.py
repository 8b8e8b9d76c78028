"""Whether a service answers: its page says 200, whatever else speaks at its port does not count."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import pytest

from lab.observe.services import Service, page_answers
from millrace.settings import Lab

LAB = Lab(subnet="127.0.0", machines={"spark": {"address": 2, "memory": 1024, "cpus": 1, "box": "trixie"}})


@contextmanager
def speaking(answer: bytes) -> Iterator[int]:
    """The port of a server that answers one request with these bytes."""
    with socket.create_server((LAB.address("spark"), 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(answer)

        thread = Thread(target=serve)
        thread.start()
        yield server.getsockname()[1]
        thread.join(5)


@pytest.mark.parametrize(
    ("answer", "is_up"),
    [
        (b"HTTP/1.0 200 OK\r\n\r\n{}", True),
        (b"HTTP/1.0 503 Service Unavailable\r\n\r\n", False),
        (b"HTTP/1.0 302 Found\r\nLocation: /json/\r\n\r\n", False),
        (b"SSH-2.0-OpenSSH_10.0\r\n", False),
        (b"", False),
    ],
)
def test_a_page_answers_with_200_or_not_at_all(answer: bytes, is_up: bool) -> None:
    with speaking(answer) as port:
        assert page_answers(LAB, Service("spark-master", "spark", port, "/json/")) is is_up


def test_no_proxy_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with speaking(b"HTTP/1.0 200 OK\r\n\r\n") as port:
        assert page_answers(LAB, Service("spark-master", "spark", port, "/json/"))


def test_nobody_at_the_port_is_no_answer() -> None:
    with socket.create_server((LAB.address("spark"), 0)) as server:
        port = server.getsockname()[1]
    assert not page_answers(LAB, Service("spark-master", "spark", port, "/json/"))
