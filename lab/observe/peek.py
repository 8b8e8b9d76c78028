"""The newest records of a topic beside what became of them."""

from collections.abc import Collection
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import Connection, text

from lab.observe.ledger import feed_state
from lab.observe.warehouse import warehouse
from lab.sentences import feed_life as sentences
from millrace.contract.contract import Contract
from millrace.kafka.broker import Broker, present_uuid
from millrace.kafka.topic_reader import Stored, TopicReader
from millrace.kafka_account import KafkaAccount
from millrace.record.record_reader import RecordReader
from millrace.record.seal import Seal, Trust
from millrace.settings import Settings
from sql.ledger.jumps import typed_from
from sql.seals import older_ends

HIDDEN = {"source_id", "row_no", "load_id", "sent_at", "extra"}


@dataclass(frozen=True)
class Peeked:
    """A record in Kafka. `data` are its texts by header; a record that is no event has its own text under ""."""

    partition: int
    offset: int
    sent_at: str
    origin: str
    source: int
    row: int
    data: dict[str, Any]


@dataclass(frozen=True)
class Became:
    """What a record is in MySQL now: `row`, `refused`, or why it is neither; its columns or its reasons."""

    state: str
    columns: dict[str, Any]


def peek(settings: Settings, contract: Contract, count: int) -> list[tuple[Peeked, Became]]:
    """The newest records, the newest first, each with what became of it."""
    broker, seal = Broker(settings.kafka_account), Seal(settings.record_key)
    uuid, ends, begins = _topic_ends(broker, contract.feed)
    records = _newest(settings.kafka_account, contract.feed, begins, ends, count)
    with warehouse(settings) as connection:
        trust, lost = Trust(seal, older_ends(connection, uuid)), typed_from(connection, contract.feed, uuid)
        newest = [peeked(partition, record, contract, trust, uuid, lost) for partition, record in records]
        return [(record, became(connection, contract, record)) for record in newest]


def became(connection: Connection, contract: Contract, record: Peeked) -> Became:
    """What the record is in MySQL: looked for among rows, then among refused records."""
    who = {"source": record.source, "row": record.row}
    found = connection.execute(
        text(f"SELECT * FROM v_{contract.feed} WHERE source_id = :source AND row_no = :row"),  # noqa: S608 - a feed's name
        who,
    ).mappings()
    if row := next(iter(found), None):
        return Became("row", {name: value for name, value in row.items() if name not in HIDDEN})
    refused = connection.execute(
        text(
            "SELECT reasons, resolved_at FROM v_quarantine WHERE feed = :feed AND source_id = :source AND row_no = :row"
        ),
        who | {"feed": contract.feed},
    ).one_or_none()
    if refused is not None and refused.resolved_at is None:
        reasons = refused.reasons if isinstance(refused.reasons, list) else orjson.loads(refused.reasons)
        return Became("refused", {str(r.get("column") or "record"): r.get("reason") for r in reasons})
    state = feed_state(connection, contract.feed)
    if state is None or record.offset >= state.committed.get(record.partition, 0):
        return Became(sentences.WAITS_THERE, {})
    return Became(sentences.CHANGED_NOTHING if refused is None else sentences.WAS_TAKEN_IN, {})


def _topic_ends(broker: Broker, topic: str) -> tuple[str, dict[int, int], dict[int, int]]:
    try:
        return present_uuid(broker, topic), broker.stable_offsets(topic), broker.earliest_offsets(topic)
    finally:
        broker.close()


def _newest(
    account: KafkaAccount, topic: str, begins: dict[int, int], ends: dict[int, int], count: int
) -> list[tuple[int, Stored]]:
    """Each with its partition."""
    with closing(TopicReader(account)) as reader:
        found = [
            (partition, record)
            for partition, end in ends.items()
            if end > begins[partition]
            for record in reader.records(topic, partition, max(begins[partition], end - count), end)
        ]
    return sorted(found, key=lambda each: (each[1].timestamp, each[1].offset), reverse=True)[:count]


def peeked(  # noqa: PLR0913, PLR0917 - where it stands, and what reading it takes
    partition: int,
    record: Stored,
    contract: Contract,
    trust: Trust,
    uuid: str,
    lost: Collection[tuple[int, int]] = (),
) -> Peeked:
    """What Kafka gave, read."""
    is_older = trust.is_older(partition, record.offset)
    read = RecordReader(contract, trust.seal).read(record.value, is_older=is_older)
    at = datetime.fromtimestamp(record.timestamp / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
    as_typed = (record.value or b"").decode("utf-8", "backslashreplace")
    data = {"": as_typed} if read.is_typed else read.data or {"": read.why or ""}
    who = read.identity(uuid, partition, record.offset, lost)
    return Peeked(partition, record.offset, at, read.origin, *who, data)
