"""Which offsets a micro-batch holds. Spark does not pass them to foreachBatch; its log in the checkpoint has them."""

import json
from pathlib import Path

from millrace.errors import Refused

Offsets = dict[int, int]


def starting_offsets(topic: str, start: Offsets) -> str:
    """The Kafka source's `startingOffsets`: every partition named."""
    return json.dumps({topic: {str(partition): offset for partition, offset in sorted(start.items())}})


def batch_offsets(checkpoint: Path, batch_id: int, topic: str) -> tuple[Offsets, Offsets]:
    """First offset and the one behind the last of each partition; a partition that is new starts at 0."""
    end = _read(checkpoint / "offsets" / str(batch_id), topic)
    first = checkpoint / "sources" / "0" / "0"
    before = _read(checkpoint / "offsets" / str(batch_id - 1) if batch_id else first, topic)
    return {partition: before.get(partition, 0) for partition in end}, end


def first_offsets(topic: str, committed: Offsets, earliest: Offsets, latest: Offsets) -> Offsets:
    """Where to go on: behind the committed records, new partitions at their beginning.

    Refuses a topic that no longer holds what is to be read next, or that ends before what was read already.
    """
    start = {partition: committed.get(partition, earliest[partition]) for partition in latest}
    for partition, offset in {**start, **committed}.items():
        if offset < earliest.get(partition, 0):
            lost = f"records {offset} to {earliest[partition] - 1} of partition {partition} before they were loaded"
            raise Refused(f"Topic {topic} has dropped {lost}; start over with `make reset FEED={topic}`.")
        if offset > latest.get(partition, -1):
            raise Refused(
                f"Topic {topic} ends before offset {offset} of partition {partition}, which was loaded already; "
                f"start over with `make reset FEED={topic}`."
            )
    return start


def _read(file: Path, topic: str) -> Offsets:
    """The last line of a log file is the source's offsets as JSON: {topic: {partition: offset}}."""
    found = json.loads(file.read_text(encoding="utf-8").strip().splitlines()[-1])
    return {int(partition): offset for partition, offset in found[topic].items()}
