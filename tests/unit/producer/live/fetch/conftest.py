"""A fetch from a publisher on loopback."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from producer.live.http_client import open_client
from tests.unit.producer.live.fetch.desk import Desk
from tests.unit.producer.live.publisher_server import serving


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with serving() as publisher, open_client(seconds=2) as client:
        yield Desk(tmp_path / "spool", publisher, client)
