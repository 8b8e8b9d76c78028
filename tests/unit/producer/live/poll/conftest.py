"""A poller of a publisher on loopback."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from producer.live.http_client import open_client
from tests.unit.producer.live.poll.desk import Desk
from tests.unit.producer.live.publisher_server import Publisher, serving


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with serving() as server:
        yield server


@pytest.fixture
def desk(tmp_path: Path, publisher: Publisher) -> Iterator[Desk]:
    with open_client(seconds=2) as client:
        desk = Desk(tmp_path, publisher, client)
        yield desk
        desk.store.close()
