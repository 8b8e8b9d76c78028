"""What a load read of each partition, and the marks by which a topic is known again that has lost its end."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, insert, select

from millrace.record.mark import Mark
from sql.errors import CountMismatch
from sql.ledger.loads import Offsets, from_json
from sql.schema.ledger_tables import load_partition


@dataclass(frozen=True)
class PartitionRead:
    """What a load read of a partition: records, offsets without one, and its last record."""

    partition: int
    read: int
    gaps: int = 0
    last: Mark | None = None


def check(load: Row[Any], partitions: Collection[PartitionRead], read: int) -> None:
    """CountMismatch where the records read of the sources are not those that the load's offsets hold."""
    end, start = from_json(load.end_offsets), from_json(load.start_offsets)
    gaps = {each.partition: each.gaps for each in partitions}
    wrong = [each for each in partitions if each.read + each.gaps != end[each.partition] - start[each.partition]]
    expected = sum(end[partition] - start[partition] - gaps.get(partition, 0) for partition in end)
    if wrong or read != expected:
        found = read if read != expected else sum(each.read for each in partitions)
        raise CountMismatch(
            f"Load {load.load_id} of {load.feed} read {found} records, its offsets hold {expected}; it is undone."
        )


def note(connection: Connection, load: Row[Any], partitions: Collection[PartitionRead]) -> None:
    """Keep what the load read of each partition."""
    rows = [
        {
            "load_id": load.load_id,
            "kafka_partition": each.partition,
            "feed": load.feed,
            "topic_uuid": load.topic_uuid,
            "read_count": each.read,
            "gaps": each.gaps,
            "last_offset": each.last.offset if each.last else None,
            "last_digest": each.last.digest if each.last else None,
        }
        for each in partitions
    ]
    if rows:
        connection.execute(insert(load_partition).values(rows))


def newest(connection: Connection, feed: str, topic_uuid: str, ends: Offsets) -> dict[int, Mark]:
    """By partition, the last record that was loaded of that topic; none for loads of a release without marks."""
    each = {
        part: connection.execute(_marks(feed, topic_uuid, part, end).limit(1)).first() for part, end in ends.items()
    }
    return {partition: Mark(*row) for partition, row in each.items() if row}


def known(connection: Connection, feed: str, topic_uuid: str, partition: int, end: int) -> list[Mark]:
    """Every mark below `end` that no later load has read over, by rising offset."""
    marks: list[Mark] = []
    for row in connection.execute(_marks(feed, topic_uuid, partition, end)):
        if not marks or row.last_offset < marks[-1].offset:
            marks.append(Mark(*row))
    return marks[::-1]


def _marks(feed: str, topic_uuid: str, partition: int, end: int) -> Select[Any]:
    """The newest load's first. Behind `end` are those of records that the topic has lost."""
    of = load_partition.c
    ours = (of.feed == feed, of.topic_uuid == topic_uuid, of.kafka_partition == partition, of.last_offset < end)
    return select(of.last_offset, of.last_digest).where(*ours).order_by(of.load_id.desc())
