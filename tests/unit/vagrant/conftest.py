"""A checkout that no machine was made of yet."""

import shutil
from pathlib import Path

import pytest

from tests.unit.vagrant.ruby import ROOT


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with what the Vagrantfile reads, and a user's cache folder of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user"))
    shutil.copytree(ROOT / "vagrant", tmp_path / "vagrant")
    shutil.copytree(ROOT / "ansible" / "group_vars", tmp_path / "ansible" / "group_vars")
    for name in ("Vagrantfile", "lab.yml"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path
