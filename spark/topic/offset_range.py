"""The records of one load: offsets of each partition, and how a range of them is halved."""

from dataclasses import dataclass

from spark.topic.offsets import Offsets


@dataclass(frozen=True)
class OffsetRange:
    """Per partition the first offset, and the one behind the last."""

    start: Offsets
    end: Offsets

    @property
    def size(self) -> int:
        """How many offsets; where a topic has gaps there are fewer records."""
        return sum(self.end.values()) - sum(self.start.values())

    def halves(self) -> tuple["OffsetRange", "OffsetRange"]:
        """Two ranges that follow each other, the second as large as the first or by one larger."""
        left, middle = self.size // 2, dict(self.start)
        for partition in sorted(self.start):
            middle[partition] += min(left, self.end[partition] - self.start[partition])
            left -= middle[partition] - self.start[partition]
        return OffsetRange(self.start, middle), OffsetRange(middle, self.end)

    @property
    def first(self) -> tuple[int, int]:
        """Partition and offset of its first record; of the only one, where `size` is 1."""
        return next((part, self.start[part]) for part in sorted(self.end) if self.end[part] > self.start[part])
