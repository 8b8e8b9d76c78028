"""The Parquet lake: what every feed has loaded, one folder per feed and day, from committed loads only.

    spark-submit spark/jobs/lake.py [FEED …]

A row's day is the UTC day its load was committed on. Every committed load is exported once: a run begins behind the
newest load that the lake shows, and shows a day's new rows all at once. So it may be killed at any moment, and be run
again at any time. A feed that was started over is exported anew; rows of replaced sources leave the lake as well.
"""

import logging
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from pyspark.sql import SparkSession

from millrace import failpoints
from millrace.contract.contract import Contract
from millrace.errors import Refused
from millrace.lock import alone
from millrace.settings import Settings, load_lab
from spark.jobs.committed_loads import CommittedLoad, FeedEnd, Ledger
from spark.jobs.job_run import run_job
from spark.jobs.lake_compaction import Shape, compact, count_rows
from spark.jobs.lake_folders import Day, State, days, forget, make_room, staging
from spark.jobs.table_reader import LoadIdRange, read_loads, table_schema

log = logging.getLogger("millrace.lake")
JOB = "lake"
ROWS_PER_TASK = 200_000
SHARE = 0.25
"""Of the machine's disk: what the lake takes at most, feeds' newest days apart."""
FILES_PER_DAY = 8
"""A day with more files is compacted."""


class Exported(NamedTuple):
    """What a run did for one feed."""

    rows: int
    days: int


class FeedExport:
    """One feed on its way into the lake."""

    def __init__(self, spark: SparkSession, settings: Settings, contract: Contract, ledger: Ledger) -> None:
        self.spark, self.settings, self.contract, self.ledger = spark, settings, contract, ledger
        self.lake, self.feed = settings.lake_dir, contract.feed
        self.shape = Shape(table_schema(contract), contract.former_names)

    def run(self) -> Exported:
        """Brings the lake up to the feed's newest committed load."""
        end = self.ledger.end(self.feed)
        if end is None:
            return Exported(0, 0)
        self._forget_other_topic(end)
        self._drop_replaced(end)
        self._reshape()
        through = max((state.through_load for state in self._states()), default=0)
        loads = self.ledger.loads(self.feed, through, end.load_id)
        rows = 0
        by_day = [(day, list(of_day)) for day, of_day in groupby(loads, key=lambda load: load.day)]
        for day, of_day in by_day:
            rows += self._add(Day(self.lake, self.feed, day), of_day, end)
        self._compact_past()
        return Exported(rows, len(by_day))

    def _states(self) -> Iterator[State]:
        return (state for day in days(self.lake, self.feed) if (state := day.state()))

    def _forget_other_topic(self, end: FeedEnd) -> None:
        """After a new beginning of the feed, its loads are others; in a topic made anew it has gone on."""
        known = {end.topic_uuid, *end.topics}
        if any(state.topic_uuid not in known or state.through_load > end.load_id for state in self._states()):
            log.info("%s was started over; so is its part of the lake", self.feed)
            forget(self.lake, self.feed)

    def _drop_replaced(self, end: FeedEnd) -> None:
        """Takes rows of sources that were replaced since then out of every day."""
        for day in days(self.lake, self.feed):
            state = day.state()
            if state and state.replaced_through < end.replaced_through:
                replaced = self.ledger.replaced(self.feed, state.replaced_through)
                self._rewrite(day, replace(state, replaced_through=end.replaced_through), replaced)

    def _reshape(self) -> None:
        """Gives every day the columns of the contract as it is now, so that readers find the same in all of them."""
        for day in days(self.lake, self.feed):
            state = day.state()
            if state is None or state.shape == self.shape.digest:
                continue
            if state.shape or not all(map(self.shape.fits, day.files())):
                self._rewrite(day, state, {})

    def _add(self, day: Day, loads: Sequence[CommittedLoad], end: FeedEnd) -> int:
        """Publishes the day with the rows of those loads beside those it has; how many are new."""
        ranges = load_ranges(loads)
        if not ranges:
            return 0
        before = day.state()
        version = day.new_version()
        new = self._export(ranges, version)
        self._check(ranges, new)
        for file in day.files():
            os.link(file, version / file.name)
        failpoints.at(f"before_publish_{self.feed}")
        rows = new + (before.rows if before else 0)
        state = State(end.topic_uuid, loads[-1].load_id, end.replaced_through, rows, self.shape.digest)
        day.publish(version, state)
        if len(day.files()) > FILES_PER_DAY:
            self._rewrite(day, state, {})
        return new

    def _export(self, ranges: Sequence[LoadIdRange], version: Path) -> int:
        with staging(self.lake, self.feed) as folder:
            rows = read_loads(self.spark, self.settings, self.contract, ranges)
            rows.write.option("compression", "zstd").parquet(str(folder))
            files = sorted(folder.glob("*.parquet"))
            for number, file in enumerate(files, start=1):
                file.rename(version / f"loads-{ranges[0].first}-{ranges[-1].last}-{number:04d}.parquet")
        return count_rows(version.glob("*.parquet"))

    def _check(self, ranges: Sequence[LoadIdRange], rows: int) -> None:
        """What an append feed has loaded stays in its table, unless a source was replaced, also meanwhile."""
        expected = sum(one.rows for one in ranges)
        if self.contract.mode != "append" or rows == expected:
            return
        end = self.ledger.end(self.feed)
        if end is None or not end.replaced_through:
            raise Refused(
                f"{self.feed}: loads {ranges[0].first} to {ranges[-1].last} have {rows} rows in the table, and the"
                f" ledger counts {expected}; nothing of them was exported, see docs/exactly-once.md."
            )

    def _compact_past(self) -> None:
        """Days that get no more rows, which are all but the newest, need no more than one file."""
        for day in days(self.lake, self.feed)[:-1]:
            state = day.state()
            if state and len(day.files()) > 1:
                self._rewrite(day, state, {})

    def _rewrite(self, day: Day, state: State, replaced: dict[int, int]) -> None:
        version = day.new_version()
        rows = compact(day.files(), version, replaced, self.shape)
        if not replaced and rows != state.rows:
            raise Refused(f"{day.link}: its files hold {rows} rows, its state says {state.rows}; remove the folder.")
        day.publish(version, replace(state, rows=rows, shape=self.shape.digest))


def load_ranges(loads: Sequence[CommittedLoad]) -> list[LoadIdRange]:
    """Neighbouring loads together, as long as they stay small; loads without rows need no query."""
    ranges: list[LoadIdRange] = []
    for load in loads:
        if not load.rows:
            continue
        if ranges and ranges[-1].rows + load.rows <= ROWS_PER_TASK:
            ranges[-1] = LoadIdRange(ranges[-1].first, load.load_id, ranges[-1].rows + load.rows)
        else:
            ranges.append(LoadIdRange(load.first, load.load_id, load.rows))
    return ranges


def export(spark: SparkSession, settings: Settings, feeds: Sequence[str]) -> tuple[str, int, int]:
    """Every feed in turn; a sentence, rows read, rows written."""
    rows, with_news = 0, []
    with alone(
        settings.lake_dir / ".lock", f"Another run writes the lake {settings.lake_dir}; wait until it has ended."
    ):
        ledger = Ledger(settings)
        contracts = ledger.contracts()
        for feed in (each for each in feeds if each in contracts):
            done = FeedExport(spark, settings, contracts[feed], ledger).run()
            rows += done.rows
            if done.rows:
                with_news.append(f"{done.rows:,} of {feed}")
        for day in make_room(settings.lake_dir, load_lab().machines["spark"].share_of_disk(SHARE)):
            log.info("%s of %s has left the lake, which is full", day.day, day.feed)
    return f"exported {', '.join(with_news) or 'nothing new'}", rows, rows


def main(arguments: Sequence[str]) -> int:
    """The exit code."""
    return run_job(JOB, lambda spark, settings: export(spark, settings, tuple(arguments) or load_lab().feeds))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
