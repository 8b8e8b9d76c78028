"""A lake that is filled from tables in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import duckdb
from pyspark.sql import SparkSession

from millrace.contract.contract import Contract, load_contract
from millrace.settings import Settings
from spark.jobs import lake as job
from spark.jobs.committed_loads import CommittedLoad, FeedEnd
from spark.jobs.lake_folders import Day, days
from spark.jobs.table_reader import LoadIdRange

FEED = "insurance_network"
CONTRACT = load_contract(FEED)
MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)


@dataclass
class Warehouse:
    """A ledger and a table in memory: (load, day, source, rows)."""

    loads: list[tuple[int, date, int, int]] = field(default_factory=list)
    topic: str = "first"
    topics: frozenset[str] = frozenset()
    gone: dict[int, int] = field(default_factory=dict)

    def end(self, _feed: str) -> FeedEnd:
        newest, replaced = max(load for load, *_ in self.loads), max(self.gone.values(), default=0)
        return FeedEnd(self.topic, newest, replaced, self.topics)

    def committed_loads(self) -> list[CommittedLoad]:
        return [CommittedLoad(load, day, rows, load) for load, day, _, rows in self.loads]

    def replaced(self, _feed: str, after: int) -> dict[int, int]:
        return {source: load for source, load in self.gone.items() if load > after}

    def rows(self, ranges: Sequence[LoadIdRange]) -> list[dict[str, Any]]:
        found = []
        for load, _, source, rows in self.loads:
            is_gone = load <= self.gone.get(source, 0)
            if not is_gone and any(one.first <= load <= one.last for one in ranges):
                found += [
                    {"source_id": source, "row_no": n, "load_id": load, "network_name": f"é {n}"} for n in range(rows)
                ]
        return found


@dataclass
class LedgerOf:
    """The warehouse's ledger, as the job asks it."""

    warehouse: Warehouse

    def end(self, feed: str) -> FeedEnd:
        return self.warehouse.end(feed)

    def loads(self, _feed: str, after: int, through: int) -> list[CommittedLoad]:
        return [load for load in self.warehouse.committed_loads() if after < load.load_id <= through]

    def replaced(self, feed: str, after: int) -> dict[int, int]:
        return self.warehouse.replaced(feed, after)


@dataclass
class Lake:
    """The job over a warehouse, and what readers see."""

    spark: SparkSession
    settings: Settings
    warehouse: Warehouse
    contract: Contract = CONTRACT

    def run(self) -> int:
        ledger: Any = LedgerOf(self.warehouse)
        return job.FeedExport(self.spark, self.settings, self.contract, ledger).run().rows

    def seen(self) -> list[tuple[int, int]]:
        """(source, row) of all rows, by DuckDB."""
        if not days(self.settings.lake_dir, FEED):
            return []
        glob = f"{self.settings.lake_dir}/{FEED}/*/*.parquet"
        return duckdb.sql(f"SELECT source_id, row_no FROM '{glob}' ORDER BY ALL").fetchall()

    def expected(self) -> list[tuple[int, int]]:
        every = [LoadIdRange(0, 10**9, 0)]
        return sorted((row["source_id"], row["row_no"]) for row in self.warehouse.rows(every))

    def files(self, day: date) -> int:
        return len(Day(self.settings.lake_dir, FEED, day).files())
