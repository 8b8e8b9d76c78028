"""The files that feeds are proposed from."""

from pathlib import Path

import pytest

from tests.unit.lab.new_feed.csv_files import write_all


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files")


@pytest.fixture(scope="module")
def files(folder: Path) -> dict[str, Path]:
    return write_all(folder)
