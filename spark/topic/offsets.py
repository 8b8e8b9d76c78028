"""Which offsets a micro-batch holds. Spark does not pass them to foreachBatch; its log in the checkpoint has them."""

import json
from pathlib import Path

Offsets = dict[int, int]


def all_offsets(topic: str, offsets: Offsets) -> str:
    """The Kafka source's `startingOffsets` and `endingOffsets`: every partition named."""
    return json.dumps({topic: {str(partition): offset for partition, offset in sorted(offsets.items())}})


def batch_offsets(checkpoint: Path, batch_id: int, topic: str) -> tuple[Offsets, Offsets]:
    """First offset and the one behind the last of each partition; a partition that is new starts at 0."""
    end = _read(checkpoint / "offsets" / str(batch_id), topic)
    first = checkpoint / "sources" / "0" / "0"
    before = _read(checkpoint / "offsets" / str(batch_id - 1) if batch_id else first, topic)
    return {partition: before.get(partition, 0) for partition in end}, end


def _read(file: Path, topic: str) -> Offsets:
    """The last line of a log file is the source's offsets as JSON: {topic: {partition: offset}}."""
    found = json.loads(file.read_text(encoding="utf-8").strip().splitlines()[-1])
    return {int(partition): offset for partition, offset in found[topic].items()}
