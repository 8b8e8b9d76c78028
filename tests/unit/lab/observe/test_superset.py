"""Where Superset is, by lab.yml, and that a client which is signed in asks as the viewer."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import httpx
import pytest

from lab.observe import superset
from lab.observe.services import superset_url
from lab.observe.superset import as_viewer
from millrace.settings import Lab

MACHINES = {"superset": {"address": 10, "memory": 1024, "cpus": 1, "box": "bookworm"}}
PLAIN = Lab(subnet="192.168.33", machines=MACHINES)


@pytest.mark.parametrize(("encrypt", "scheme"), [("auto", "http"), (False, "http"), (True, "https")])
def test_its_address_says_whether_it_is_encrypted(encrypt: str | bool, scheme: str) -> None:
    assert superset_url(PLAIN.model_copy(update={"encrypt": encrypt})) == f"{scheme}://192.168.33.10:8088"


class Superset(BaseHTTPRequestHandler):
    """Lets `viewer` in with one password, and tells who asks."""

    def do_POST(self) -> None:
        given = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        is_right = (given["username"], given["password"]) == ("viewer", "hush")
        self.respond(200 if is_right else 401, {"access_token": "token"})

    def do_GET(self) -> None:
        self.respond(200, {"asked_by": self.headers["Authorization"]})

    def respond(self, status: int, answer: dict[str, str]) -> None:
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def lab(monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    server = HTTPServer(("127.0.0.1", 0), Superset)
    thread = Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setattr(superset, "superset_url", lambda _lab: f"http://127.0.0.1:{server.server_port}")
    yield PLAIN
    server.shutdown()
    thread.join()
    server.server_close()


def test_who_is_signed_in_asks_as_the_viewer(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(superset, "secret", lambda name: {"superset_viewer_password": "hush"}[name])
    with as_viewer(lab, seconds=5) as client:
        assert client.get("/").json() == {"asked_by": "Bearer token"}


def test_who_is_not_let_in_is_told(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(superset, "secret", lambda _name: "another")
    with pytest.raises(httpx.HTTPStatusError), as_viewer(lab, seconds=5):
        pass
