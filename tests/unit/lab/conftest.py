"""What all tests of the lab's commands have in common."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _no_other_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`make up` may be at this checkout's machines while its tests run."""
    monkeypatch.setattr("lab.host.one_at_a_time.state_folder", lambda: tmp_path / "lab-state")
