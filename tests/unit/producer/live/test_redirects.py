"""Where a publisher may send us on to."""

import socket
from collections.abc import Iterator
from ipaddress import IPv4Address
from typing import Any

import httpx
import pytest

from producer.live import redirects
from producer.live.errors import Trouble
from producer.live.http_client import ask, open_client
from producer.live.redirects import refuse_unsafe
from tests.unit.producer.live.publisher_server import Publisher, Reply, serving

KNOWN = {
    "open.example": ["93.184.216.34"],
    "files.example": ["2606:2800:220:1::5"],
    "inside.example": ["93.184.216.34", "192.168.33.14"],
    "meta.example": ["169.254.169.254"],
    "mine.example": ["127.0.0.1"],
}


@pytest.fixture(autouse=True)
def _names(monkeypatch: pytest.MonkeyPatch) -> None:
    def addresses(host: str, port: object, **_how: object) -> list[tuple[Any, ...]]:
        if host.replace(".", "").isdecimal() or ":" in host:
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, port))]
        if host not in KNOWN:
            raise socket.gaierror(socket.EAI_NONAME, "not known")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in KNOWN[host]]

    monkeypatch.setattr(socket, "getaddrinfo", addresses)


def redirect(source: str, target: str) -> httpx.Response:
    return httpx.Response(302, headers={"Location": target}, request=httpx.Request("GET", source))


def asked(answers: dict[str, httpx.Response], source: str) -> list[str]:
    """The addresses that our client has asked in turn, where publishers answer so."""
    known = open_client()
    hooks = known.event_hooks
    known.close()
    transport = httpx.MockTransport(lambda request: answers[str(request.url)])
    with httpx.Client(transport=transport, event_hooks=hooks, follow_redirects=True) as client:
        last = client.get(source)
    assert last.status_code == httpx.codes.OK
    return [str(each.url) for each in (*last.history, last)]


@pytest.mark.parametrize(
    "target",
    [
        "https://inside.example/x",
        "https://meta.example/latest",
        "https://192.168.33.14:3306/",
        "https://10.0.0.1/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://[fe80::1%25eth0]/",
        "https://[64:ff9b::a00:1]/",
        "https://[2002:c0a8:210e::1]/",
        "https://[::ffff:192.168.33.14]/",
        "https://[ff0e::1]/",
    ],
)
def test_the_internet_leads_into_no_private_network(target: str) -> None:
    with pytest.raises(Trouble, match=r"^open\.example leads to .*, an address of a private network; not followed\.$"):
        refuse_unsafe(redirect("https://open.example/a", target))


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("https://open.example/a", "/b"),
        ("https://open.example/a", "https://files.example/b"),
        ("https://open.example/a", "https://[64:ff9b::5db8:d822]/b"),
        ("https://open.example/a", "https://known-to-a-proxy.example/b"),
        ("http://mine.example/a", "http://127.0.0.1:8000/b"),
        ("http://open.example/a", "https://open.example/a"),
    ],
)
def test_others_are_followed(source: str, target: str) -> None:
    end = httpx.URL(source).join(target)
    assert asked({source: redirect(source, target), str(end): httpx.Response(200)}, source) == [source, str(end)]


def test_encryption_is_kept() -> None:
    with pytest.raises(Trouble, match=r"^open\.example leads to files\.example without encryption; not followed\.$"):
        refuse_unsafe(redirect("https://open.example/a", "http://files.example/b"))


def test_an_answer_is_no_redirect() -> None:
    source = "https://open.example/a"
    answer = httpx.Response(200, headers={"Location": "http://mine.example/b"})
    assert asked({source: answer}, source) == [source]


@pytest.fixture
def turning(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Publisher, Publisher]]:
    """Two servers at one port: of the Internet, and of a private network. A name is found at each in turn."""
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setattr(redirects, "_is_internets", lambda address: address == IPv4Address("127.0.0.1"))
    connected: list[str] = []

    def addresses(host: str, port: object, *_: object, **how: object) -> list[tuple[Any, ...]]:
        found = host if host.startswith("127.") else "127.0.0.1"
        if host == "turns.example" and "proto" not in how:
            found = f"127.0.0.{min(len(connected), 1) + 1}"
            connected.append(found)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (found, port))]

    monkeypatch.setattr(socket, "getaddrinfo", addresses)
    with serving() as internets:
        port = int(internets.base.rpartition(":")[2])
        with serving("127.0.0.2", port) as private:
            internets.base = f"http://turns.example:{port}"
            internets.answers("x/a", Reply(status=302, headers={"Location": "{base}/x/b"}, framing="none"))
            private.answers("x/b", Reply(b"what a stranger shall not see"))
            yield internets, private


def test_a_name_that_leads_to_itself_at_a_private_address_is_not_read(turning: tuple[Publisher, Publisher]) -> None:
    with open_client() as client, pytest.raises(Trouble) as trouble:
        ask(client, f"{turning[0].base}/x/a", page="")
    assert str(trouble.value) == (
        "turns.example, to which we were led, is 127.0.0.2, an address of a private network; not read."
    )


def test_behind_a_proxy_names_alone_are_looked_at(
    turning: tuple[Publisher, Publisher], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which answers from a private address whatever it is asked for."""
    monkeypatch.setattr(redirects, "getproxies", lambda: {"https": "http://192.168.33.99:3128"})
    with open_client() as client:
        assert ask(client, f"{turning[0].base}/x/a", page="").body == b"what a stranger shall not see"


def test_where_nobody_was_led_a_private_address_is_read(turning: tuple[Publisher, Publisher]) -> None:
    private = turning[1].base
    turning[1].answers("x/a", Reply(status=302, headers={"Location": f"{private}/x/b"}))
    with open_client() as client:
        assert ask(client, f"{private}/x/a", page="").body == b"what a stranger shall not see"
