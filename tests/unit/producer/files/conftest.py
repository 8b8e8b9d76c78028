"""A place to send files from."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from producer.kafka.journal import Journal
from tests.unit.producer.files.desk import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    journal = Journal(tmp_path / "journal.db")
    yield Desk(tmp_path, journal)
    journal.close()
