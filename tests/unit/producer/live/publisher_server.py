"""A server on loopback that answers as publishers do: well, badly, late, in halves."""

import gzip
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Asked:
    """A question as it came: the host it was meant for, the path there, its parameters and headers."""

    host: str
    path: str
    params: dict[str, str]
    headers: dict[str, str]


@dataclass(frozen=True)
class Reply:
    """What is answered. `cut`: close after so many bytes of the body. `etag`: 304 to whoever has it already."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    framing: Literal["length", "chunked", "none"] = "length"
    cut: int | None = None
    delay: float = 0
    packed: bool = False
    etag: str = ""
    ranges: bool = False

    def to(self, asked: Asked) -> "Reply":
        """The reply as this question gets it: nothing new, a range, or packed, as its headers allow."""
        headers = {**self.headers, **({"ETag": self.etag} if self.etag else {})}
        if self.etag and asked.headers.get("If-None-Match") == self.etag:
            return replace(self, status=304, body=b"", headers=headers)
        body = self.body
        if self.packed and "gzip" in asked.headers.get("Accept-Encoding", ""):
            body, headers = gzip.compress(body), {**headers, "Content-Encoding": "gzip"}
        wanted = asked.headers.get("Range", "")
        fits = asked.headers.get("If-Range", self.etag) == self.etag
        if self.ranges and wanted and fits:
            start = int(wanted.removeprefix("bytes=").removesuffix("-"))
            if start >= len(body):
                return replace(self, status=416, body=b"", headers={"Content-Range": f"bytes */{len(body)}"}, cut=None)
            headers["Content-Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
            return replace(self, status=206, body=body[start:], headers=headers)
        return replace(self, body=body, headers=headers)


Answering = Callable[[Asked], Reply]


class Publisher:
    """The replies by `host/path`: a list is given one after the other, its last one for ever; a function decides."""

    def __init__(self) -> None:
        self.base = ""
        self.asked: list[Asked] = []
        self.clock: Callable[[], datetime] = lambda: datetime.now(UTC)
        self._replies: dict[str, list[Reply] | Answering] = {}
        self._given: defaultdict[str, int] = defaultdict(int)

    def answers(self, address: str, *replies: Reply) -> None:
        """What is answered at `https://host/path`."""
        self._replies[address.removeprefix("https://")] = list(replies)

    def decides(self, address: str, answering: Answering) -> None:
        """A function that is asked each time."""
        self._replies[address.removeprefix("https://")] = answering

    def reply(self, asked: Asked) -> Reply:
        """The next reply to a question."""
        self.asked.append(asked)
        address = f"{asked.host}{asked.path}"
        found = self._replies.get(address)
        if found is None:
            return Reply(b"nothing here", 404)
        if callable(found):
            return found(asked).to(asked)
        number = self._given[address]
        self._given[address] += 1
        return found[min(number, len(found) - 1)].to(asked)


class _Handler(BaseHTTPRequestHandler):
    server: "_Server"
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        host, _, path = parts.path.lstrip("/").partition("/")
        params = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self._send(self.server.publisher.reply(Asked(host, f"/{path}", params, dict(self.headers))))

    def _send(self, reply: Reply) -> None:
        time.sleep(reply.delay)
        self.send_response_only(reply.status)
        publisher = self.server.publisher
        for name, value in ({"Date": format_datetime(publisher.clock(), usegmt=True)} | reply.headers).items():
            self.send_header(name, value.replace("{base}", publisher.base))
        self._frame(reply)
        self.end_headers()
        self._write(reply, reply.body if reply.cut is None else reply.body[: reply.cut])

    def _frame(self, reply: Reply) -> None:
        if reply.framing == "chunked":
            self.send_header("Transfer-Encoding", "chunked")
        elif reply.framing == "length" and reply.status != 304:
            self.send_header("Content-Length", str(len(reply.body)))
        self.close_connection = reply.framing == "none" or reply.cut is not None
        if self.close_connection:
            self.send_header("Connection", "close")

    def _write(self, reply: Reply, body: bytes) -> None:
        if reply.framing != "chunked":
            self.wfile.write(body)
            return
        for start in range(0, len(body), 1000):
            piece = body[start : start + 1000]
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        if reply.cut is None:
            self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], publisher: Publisher) -> None:
        self.publisher = publisher
        super().__init__(address, _Handler)

    def handle_error(self, *_: object) -> None:
        """A client that hangs up is what some tests are about."""


@contextmanager
def serving(address: str = "127.0.0.1", port: int = 0) -> Iterator[Publisher]:
    """A publisher that listens while the context is open, at `base`."""
    publisher = Publisher()
    server = _Server((address, port), publisher)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    publisher.base = f"http://{address}:{server.server_address[1]}"
    try:
        yield publisher
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
