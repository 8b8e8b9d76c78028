"""What acts find out by themselves, without a lab."""

from types import SimpleNamespace
from typing import Any

from drills.acts import lab_state
from drills.replacements import FEED, RECORDS


def test_a_restore_takes_back_versions_and_parts_of_them() -> None:
    """One that is in the backup twice over makes up for none."""
    read = {(FEED, 1): RECORDS, (FEED, 2): RECORDS + 3, (FEED, 3): 200, (FEED, 4): 0, ("sales", 5): 0}
    scene: Any = SimpleNamespace(counts=lambda: {one: {"read_count": count} for one, count in read.items()})
    assert lab_state._not_in_the_backup(scene) == RECORDS - 200 + RECORDS
