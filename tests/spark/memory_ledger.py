"""A ledger, a topic and tasks without MySQL and Kafka: loads are numbers, rows are files."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql.functions import col

from millrace.contract.contract import load_contract
from millrace.record.mark import Mark
from millrace.settings import Settings
from spark.decode.record_fields import Reader
from spark.jvm import ArrowMapping
from spark.load.load_data import LoadMismatch
from spark.load.load_task import LoadTask
from spark.load.micro_batch import BatchLoader
from spark.load.row_spool import SCHEMA, Spool
from spark.topic.feed_topic import COLUMNS
from spark.topic.offset_range import OffsetRange
from spark.topic.offsets import Offsets
from sql.ledger.commit import LoadRead
from sql.ledger.counts import LoadCounts
from tests.unit.spark.records import OLDER, TOPIC_UUID

CONTRACT = load_contract("insurance_network")
POISON = "arsenic"
WHALE = "Moby Dick"
BEGUN = "{load_id}-begun"
SECONDS, PAUSE_SECONDS = 60, 0.05


class FileTask(LoadTask):
    """Keeps its files in the folder that is its `app`, once the load has begun.

    Poison in them fails the load, and a whale takes all memory wherever it is so much as read.
    """

    def _cleaned(self, records: pa.RecordBatch, refuse_for: str | None) -> pa.RecordBatch:
        if any(WHALE.encode() in (value or b"") for value in records["value"].to_pylist()):
            raise MemoryError
        return super()._cleaned(records, refuse_for)

    def store(self, load_id: int, spool: Spool) -> None:
        if POISON.encode() in spool.good.path.read_bytes():
            raise LoadMismatch(f"{spool.rows} rows were written, and the server reports less")
        folder = Path(self.app)
        (folder / f"{load_id}-cleaned").touch()
        wait_until((folder / BEGUN.format(load_id=load_id)).exists)
        for file in (spool.good, spool.refused):
            (folder / f"{load_id}-{file.path.name}").write_bytes(file.path.read_bytes())


class FileLoader(BatchLoader):
    """Loads by such tasks; reads a part of a batch out of the whole."""

    def _part(self, records: DataFrame, wanted: OffsetRange) -> DataFrame:
        return records.where(col("offset").between(wanted.start[0], wanted.end[0] - 1))

    @cached_property
    def _mapping(self) -> ArrowMapping:
        task = FileTask(self.settings, self.ledger.app, 1, Reader(CONTRACT, TOPIC_UUID, 2, OLDER))
        return ArrowMapping(task, COLUMNS, SCHEMA)


@dataclass
class MemoryLedger:
    """Loads by number, pending until they are committed."""

    app: str
    ranges: dict[int, tuple[Offsets, Offsets]] = field(default_factory=dict)
    committed: list[int] = field(default_factory=list)
    epoch: int = 1
    committing: Callable[[int], None] = lambda _number: None

    def reserve_load(self) -> int:
        return len(self.ranges) + 1

    def begin_load(
        self, _feed: str, _uuid: str, start: Offsets, end: Offsets, _version: str, load_id: int | None = None
    ) -> int:
        assert list(self.ranges) == self.committed, "the load before it is over"
        number = load_id or len(self.committed) + 1
        assert number == len(self.committed) + 1
        self.ranges[number] = (start, end)
        (Path(self.app) / BEGUN.format(load_id=number)).touch()
        return number

    def older_ends(self, _topic_uuid: str) -> None:
        """Nobody says where older records end."""

    def undo_pending(self, _feed: str) -> None:
        self.ranges = {number: self.ranges[number] for number in self.committed}

    def commit_load(self, number: int, read: LoadRead) -> LoadCounts:
        self.committing(number)
        start, end = self.ranges[number]
        size = sum(end.values()) - sum(start.values())
        count = sum(source.read for source in read.sources)
        assert [count, sum(part.read for part in read.partitions)] == [size, size]
        self.committed.append(number)
        return LoadCounts(number, count, 0, 0, 0, 0)


class SameTopic:
    """A topic that does not change."""

    name, uuid, partitions = CONTRACT.feed, TOPIC_UUID, (0, 1)

    too_large = ()

    def is_too_large(self, _partition: int, offset: int) -> bool:
        return offset in self.too_large

    def check_partitions(self, _ends: Offsets) -> None: ...

    def check_uuid(self) -> None: ...

    def check_marks(self, _marks: dict[int, Mark]) -> None: ...

    def count(self, _partition: int, _start: int, _end: int) -> int:
        raise AssertionError("no record is missing, so none is counted again")


def loader_in(folder: Path, *ends: int) -> tuple[FileLoader, MemoryLedger]:
    """A loader of batches that end there, in partition 0, and its ledger; files are kept in `folder`/kept."""
    checkpoint, kept = folder / "checkpoint", folder / "kept"
    kept.mkdir()
    for name, end in (("sources/0/0", 0), *((f"offsets/{batch}", end) for batch, end in enumerate(ends))):
        file = checkpoint / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps({CONTRACT.feed: {"0": end}}))
    ledger = MemoryLedger(str(kept))
    given: Any = ledger
    topic: Any = SameTopic()
    reader = Reader(CONTRACT, TOPIC_UUID, 2, OLDER)
    return FileLoader(Settings(), reader, given, topic, checkpoint, {}), ledger


def wait_until(what: Callable[[], bool]) -> None:
    """Raises TimeoutError where it never comes."""
    for _ in range(int(SECONDS / PAUSE_SECONDS)):
        if what():
            return
        time.sleep(PAUSE_SECONDS)
    raise TimeoutError(what)
