"""A landing folder over a topic in memory."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from producer.kafka.journal import Journal
from tests.unit.producer.landing.port import Port


@pytest.fixture
def port(tmp_path: Path) -> Iterator[Port]:
    folder = tmp_path / "landing"
    folder.mkdir()
    journal = Journal(tmp_path / "journal.db")
    yield Port(folder, journal)
    journal.close()
