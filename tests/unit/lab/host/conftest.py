"""An empty checkout for the commands of the host."""

from pathlib import Path

import pytest

from lab.host import command_log, provisioning_digest, up, vagrant
from lab.screen import progress


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty `.lab` in an empty checkout."""
    folder = tmp_path / ".lab"
    folder.mkdir()
    for module in (command_log, provisioning_digest, progress, up, vagrant):
        monkeypatch.setattr(module, "state_folder", lambda: folder)
        monkeypatch.setattr(module, "CHECKOUT", tmp_path, raising=False)
    return folder
