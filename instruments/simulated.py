"""The lab's own simulator: how much of what it has made up is loaded."""

from feeds.sales import simulator
from instruments.tools import WarehouseAfresh
from millrace.record.identity import simulator_source
from millrace.settings import Lab

SIMULATED = "sales"


class Simulated(WarehouseAfresh):
    """What MySQL has of the records that the lab's own simulator of sales has made up."""

    def __init__(self, lab: Lab) -> None:
        seed = lab.simulator(SIMULATED).seed
        self._source = simulator_source(SIMULATED, seed, "", simulator.VERSION)

    def last(self) -> int:
        """The number of the last one."""
        return self._count_and_last()[1]

    def is_whole_behind(self, number: int) -> bool:
        """Whether there are more than so many, and none is missing."""
        count, last = self._count_and_last()
        return count == last > number

    def _count_and_last(self) -> tuple[int, int]:
        query = f"SELECT COUNT(*) AS n, COALESCE(MAX(row_no), 0) AS last FROM v_{SIMULATED} WHERE source_id = :source"
        (row,) = self.rows(query, source=self._source)
        return int(row["n"]), int(row["last"])
