"""What acts find out by themselves, without a lab."""

from types import SimpleNamespace
from typing import Any

import pytest

from drills.acts import database, lab_state
from drills.replacements import FEED, RECORDS
from millrace.contract.contract import load_contract


def test_a_restore_takes_back_versions_and_parts_of_them() -> None:
    """One that is in the backup twice over makes up for none."""
    read = {(FEED, 1): RECORDS, (FEED, 2): RECORDS + 3, (FEED, 3): 200, (FEED, 4): 0, ("sales", 5): 0}
    scene: Any = SimpleNamespace(counts=lambda: {one: {"read_count": count} for one, count in read.items()})
    assert lab_state._not_in_the_backup(scene) == RECORDS - 200 + RECORDS


def test_a_column_comes_back_whatever_happens() -> None:
    asked: list[str] = []
    scene: Any = SimpleNamespace(as_root=asked.append)
    with pytest.raises(RuntimeError), database.column_gone(scene):
        assert asked == ["ALTER TABLE millrace.sales RENAME COLUMN description TO description_of_before"]
        raise RuntimeError
    assert asked[1:] == ["ALTER TABLE millrace.sales RENAME COLUMN description_of_before TO description"]
    assert "description" in load_contract("sales").names
