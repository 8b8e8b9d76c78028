"""The records of one load: offsets of each partition, and how a range of them is halved."""

from collections.abc import Iterator
from dataclasses import dataclass

from pyspark.sql import Column, DataFrame
from pyspark.sql.functions import col, lit

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

    def of(self, records: DataFrame) -> DataFrame:
        """Those of the Kafka records that lie in the range."""
        is_inside = lit(False)
        for place in self._places():
            is_inside |= place
        return records.where(is_inside)

    def _places(self) -> Iterator[Column]:
        for partition, first in self.start.items():
            is_of_partition = col("partition") == partition
            yield is_of_partition & col("offset").between(first, self.end[partition] - 1)
