"""How the lab's own programs speak to Superset."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from lab.observe.access import authority, secret
from lab.observe.services import superset_url
from millrace.settings import Lab


def superset_client(lab: Lab, seconds: float) -> httpx.Client:
    """A client of it that waits so long for an answer; where lab.yml encrypts, to a server of this lab alone."""
    trusted = ssl.create_default_context(cafile=authority()) if lab.encrypts else True
    return httpx.Client(base_url=superset_url(lab), timeout=seconds, verify=trusted, trust_env=False)


@contextmanager
def as_viewer(lab: Lab, seconds: float) -> Iterator[httpx.Client]:
    """On the host: such a client, signed in as `viewer`. Raises httpx.HTTPError where Superset does not let it in."""
    login = {"username": "viewer", "password": secret("superset_viewer_password"), "provider": "db"}
    with superset_client(lab, seconds) as client:
        token = client.post("/api/v1/security/login", json=login).raise_for_status().json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        yield client
