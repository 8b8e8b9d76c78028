"""The newest records of a topic beside what became of them."""

import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError
from sqlalchemy import Connection, text

from lab.observe.ledger import feed_state
from lab.observe.warehouse import warehouse
from lab.sentences import feed_life as sentences
from millrace.contract.contract import Contract
from millrace.errors import Refused
from millrace.kafka.broker import Broker, present_uuid
from millrace.kafka.connection import made_whole, refusal
from millrace.kafka.topic_settings import FRAMING
from millrace.kafka_account import KafkaAccount
from millrace.record.event import MAX_BYTES
from millrace.record.record_reader import RecordReader
from millrace.record.seal import Seal, Trust
from millrace.settings import Settings
from sql.ledger.jumps import typed_from
from sql.seals import older_ends

SECONDS = 15.0
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
    records = _read(settings.kafka_account, contract.feed, begins, ends, count)
    with warehouse(settings) as connection:
        trust, lost = Trust(seal, older_ends(connection, uuid)), typed_from(connection, contract.feed, uuid)
        newest = [peeked(record, contract, trust, uuid, lost) for record in records]
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
        return present_uuid(broker, topic), broker.latest_offsets(topic), broker.earliest_offsets(topic)
    finally:
        broker.close()


def _read(account: KafkaAccount, topic: str, begins: dict[int, int], ends: dict[int, int], count: int) -> list[Any]:
    starts = {TopicPartition(topic, p): max(begins[p], end - count) for p, end in ends.items() if end > begins[p]}
    if not starts:
        return []
    found: dict[tuple[int, int], Any] = {}
    try:
        consumer = made_whole(
            KafkaConsumer,
            account,
            enable_auto_commit=False,
            isolation_level="read_committed",
            max_partition_fetch_bytes=MAX_BYTES + FRAMING,
        )
        consumer.assign(list(starts))
        for topic_partition, offset in starts.items():
            consumer.seek(topic_partition, offset)
        until = time.monotonic() + SECONDS
        while time.monotonic() < until and any(consumer.position(p) < ends[p.partition] for p in starts):
            for records in consumer.poll(timeout_ms=500).values():
                found |= {(record.partition, record.offset): record for record in records}
        consumer.close()
    except (KafkaError, OSError) as error:
        lost = f"Kafka at {account.address} does not answer ({type(error).__name__}); see `make status`."
        raise Refused(refusal(account.address, error) or lost) from None
    return sorted(found.values(), key=lambda record: (record.timestamp, record.offset), reverse=True)[:count]


def peeked(record: Any, contract: Contract, trust: Trust, uuid: str, lost: Collection[tuple[int, int]] = ()) -> Peeked:
    """What Kafka gave, read."""
    is_older = trust.is_older(record.partition, record.offset)
    read = RecordReader(contract, trust.seal).read(record.value, is_older=is_older)
    at = datetime.fromtimestamp(record.timestamp / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
    as_typed = (record.value or b"").decode("utf-8", "backslashreplace")
    data = {"": as_typed} if read.is_typed else read.data or {"": read.why or ""}
    who = read.identity(uuid, record.partition, record.offset, lost)
    return Peeked(record.partition, record.offset, at, read.origin, *who, data)
