"""The streaming application: where it can be stopped, its executor, and how its loads follow each other."""

from typing import Any

import orjson

from instruments.failpoints import Failpoints
from instruments.own_feed import FEED
from instruments.tools import EXECUTOR_PROCESS

POINTS = Failpoints("spark", "spark", "/var/lib/spark/scratch/failpoints")
AFTER_PENDING = f"after_pending_{FEED}"
"""The point behind the row that says that a load of the feed is under way."""
EXECUTOR = f"pgrep -of {EXECUTOR_PROCESS}"
"""The command that prints its process."""


def check_chain(loads: list[dict[str, Any]], jumps: list[dict[str, Any]]) -> None:
    """Each load begins where the one before ended, or where the ledger jumped to since."""
    ends: dict[str, int] = {}
    before = 0
    for load in loads:
        for jump in (jump for jump in jumps if jump["load_id"] == before):
            assert jump["from_offset"] == ends.get(str(jump["kafka_partition"]), 0)
            ends[str(jump["kafka_partition"])] = jump["to_offset"]
        start, end = orjson.loads(load["start_offsets"]), orjson.loads(load["end_offsets"])
        assert _begun(start) == _begun(ends), load["load_id"]
        ends, before = end, load["load_id"]


def _begun(offsets: dict[str, int]) -> dict[str, int]:
    """Without partitions of which nothing is read: a topic that was made anew may have fewer of them."""
    return {partition: offset for partition, offset in offsets.items() if offset}
