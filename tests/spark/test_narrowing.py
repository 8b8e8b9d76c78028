"""A micro-batch with a record that makes every load of it fail: the others are loaded, that one is refused."""

import json
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

from millrace.contract.contract import load_contract
from millrace.record.mark import Mark
from millrace.settings import Settings
from spark.decode.record_fields import Reader
from spark.load.load_data import LoadMismatch
from spark.load.load_task import LoadTask
from spark.load.map_in_arrow import ArrowMapping
from spark.load.micro_batch import BatchLoader
from spark.load.row_spool import SCHEMA, Spool
from spark.topic.feed_topic import COLUMNS
from spark.topic.offsets import Offsets
from sql.ledger.counts import LoadCounts, SourceRead
from sql.ledger.marks import PartitionRead
from tests.spark.kafka import kafka_frame
from tests.unit.spark.records import OLDER, TOPIC_UUID, event, sample

CONTRACT = load_contract("insurance_network")
POISON = "arsenic"


class PoisonedTask(LoadTask):
    """Keeps its files in the folder that is its `app`, unless the poison is in them."""

    def store(self, load_id: int, spool: Spool) -> None:
        if POISON.encode() in spool.good.path.read_bytes():
            raise LoadMismatch(f"{spool.rows} rows were written, and the server reports less")
        for file in (spool.good, spool.refused):
            (Path(self.app) / f"{load_id}-{file.path.name}").write_bytes(file.path.read_bytes())


class PoisonedLoader(BatchLoader):
    """Loads by such tasks."""

    @cached_property
    def _mapping(self) -> ArrowMapping:
        task = PoisonedTask(self.settings, self.ledger.app, 1, Reader(CONTRACT, TOPIC_UUID, 2, OLDER))
        return ArrowMapping(task, COLUMNS, SCHEMA)


@dataclass
class MemoryLedger:
    """Loads by number, pending until they are committed."""

    app: str
    ranges: dict[int, tuple[Offsets, Offsets]] = field(default_factory=dict)
    committed: list[int] = field(default_factory=list)
    epoch: int = 1

    def begin_load(self, _feed: str, _uuid: str, start: Offsets, end: Offsets, _version: str) -> int:
        assert list(self.ranges) == self.committed, "the load before it is over"
        number = len(self.committed) + 1
        self.ranges[number] = (start, end)
        return number

    def older_ends(self, _topic_uuid: str) -> None:
        """Nobody says where older records end."""

    def undo_pending(self, _feed: str) -> None:
        self.ranges = {number: self.ranges[number] for number in self.committed}

    def commit_load(
        self, number: int, reads: list[SourceRead], _replacements: object, partitions: list[PartitionRead]
    ) -> LoadCounts:
        start, end = self.ranges[number]
        size = sum(end.values()) - sum(start.values())
        assert [sum(read.read for read in reads), sum(part.read for part in partitions)] == [size, size]
        self.committed.append(number)
        return LoadCounts(number, sum(read.read for read in reads), 0, 0, 0, 0)


class SameTopic:
    """A topic that does not change."""

    name, uuid, partitions = CONTRACT.feed, TOPIC_UUID, (0, 1)

    def check_partitions(self, _ends: Offsets) -> None: ...

    def check_uuid(self) -> None: ...

    def check_marks(self, _marks: dict[int, Mark]) -> None: ...

    def count(self, _partition: int, _start: int, _end: int) -> int:
        raise AssertionError("no record is missing, so none is counted again")


def test_all_but_the_poisonous_record_are_loaded(spark: SparkSession, tmp_path: Path) -> None:
    good = sample(CONTRACT)[0]
    values = [event(CONTRACT, good | ({"NetworkName": POISON} if row == 6 else {}), row) for row in range(1, 11)]
    checkpoint = tmp_path / "checkpoint"
    for place, end in (("sources/0/0", 0), ("offsets/0", 10)):
        file = checkpoint / place
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps({CONTRACT.feed: {"0": end}}))
    kept = tmp_path / "kept"
    kept.mkdir()
    ledger: Any = MemoryLedger(str(kept))
    topic: Any = SameTopic()
    loader = PoisonedLoader(Settings(), Reader(CONTRACT, TOPIC_UUID, 2, OLDER), ledger, topic, checkpoint, {})

    loader(kafka_frame(spark, values), 0)

    rows = [line.split("\t") for file in sorted(kept.glob("*-rows.tsv")) for line in file.read_text().splitlines()]
    refused = [line.split("\t") for file in kept.glob("*-refused.tsv") for line in file.read_text().splitlines()]
    assert sorted(int(row[1]) for row in rows) == [1, 2, 3, 4, 5, 7, 8, 9, 10]
    assert [(row[1], json.loads(row[5])) for row in refused] == [
        ("6", [{"column": None, "value": None, "reason": "1 rows were written, and the server reports less"}])
    ]
    assert [ledger.ranges[number] for number in ledger.committed] == [
        ({0: 0}, {0: 5}),
        ({0: 5}, {0: 6}),
        ({0: 6}, {0: 7}),
        ({0: 7}, {0: 10}),
    ]
    assert (loader.loads, loader.batches, loader.failure) == (4, 1, None)
