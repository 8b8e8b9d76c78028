"""The running lab as the tests see it."""

import os
import uuid
from collections.abc import Iterator

import pytest

from instruments.tools import Warehouse
from lab.observe.access import answers, settings
from lab.observe.warehouse import warehouse
from millrace.settings import Lab, load_lab


@pytest.fixture(scope="session")
def lab() -> Lab:
    """The lab's settings; skips where no lab runs, unless `make test` says that one must."""
    settings = load_lab()
    if not answers(settings.address("mysql"), 3306):
        reason = f"no lab answers at {settings.address('mysql')}: make up"
        if os.environ.get("MILLRACE_NEED_LAB"):
            pytest.fail(reason)
        pytest.skip(reason)
    return settings


@pytest.fixture
def mysql(lab: Lab) -> Iterator[Warehouse]:
    """A connection of the read-only account."""
    with warehouse(settings()) as connection:
        yield Warehouse(connection)


@pytest.fixture
def nonce() -> str:
    """A word that no other test run has used, for content with a fresh identity."""
    return uuid.uuid4().hex[:12]
