"""Steps of an empty checkout: scripts that run beside each other."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.host import command_log


@pytest.fixture
def heeds_ctrl_c() -> Iterator[None]:
    """A run that a shell has put into the background ignores the signal, and so would what it starts."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty `.lab` in an empty checkout."""
    monkeypatch.setattr(command_log, "state_folder", lambda: tmp_path)
    monkeypatch.setattr(command_log, "CHECKOUT", tmp_path)
    return tmp_path
