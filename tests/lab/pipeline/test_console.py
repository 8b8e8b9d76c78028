"""What a person types in two terminals: console producer and consumer, and a bare line that becomes a row."""

import shlex
from collections.abc import Callable

import orjson
import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from instruments.own_feed import FEED, GOOD, record, topic_ends
from instruments.tools import Warehouse, wait_until
from lab.host import remote
from lab.observe.access import kafka_account
from millrace.settings import Lab

pytestmark = pytest.mark.usefixtures("parcel")
SECONDS = 120
"""More than the first fetch of a consumer, and a machine's slowest start of Java, ever take."""


def broker(lab: Lab) -> str:
    return f"{lab.address('kafka')}:9092"


def produce(lab: Lab, line: str, topic: str = FEED) -> None:
    """Types a line into the console producer on the kafka machine."""
    tool = f"kafka-console-producer.sh --bootstrap-server {broker(lab)} --topic {topic}"
    remote.run("kafka", f"echo {shlex.quote(line)} | {tool}", timeout=SECONDS)


def wait_for_row(mysql: Warehouse, name: str) -> dict[str, object]:
    """The row with that name, once it is there."""
    rows = f"SELECT * FROM v_{FEED} WHERE name = :name"
    wait_until(lambda: bool(mysql.rows(rows, name=name)), f"{name} is in MySQL")
    (row,) = mysql.rows(rows, name=name)
    return row


def test_a_line_typed_on_the_machine_becomes_a_row_and_is_seen_by_its_consumer(
    lab: Lab, mysql: Warehouse, nonce: str
) -> None:
    before = topic_ends()
    produce(lab, record(nonce))
    ((partition, end),) = topic_ends().items() - before.items()
    assert end == before[partition] + 1
    row = wait_for_row(mysql, nonce)
    assert (row["year"], row["state"], row["sender"], row["route"]) == (2014, "AK", 21989, "AKN001")

    where = f"--topic {FEED} --partition {partition} --offset {before[partition]}"
    tool = f"kafka-console-consumer.sh --bootstrap-server {broker(lab)} {where} --max-messages 1"
    assert remote.run("kafka", f"{tool} --timeout-ms {SECONDS * 1000}", timeout=2 * SECONDS) == f"{record(nonce)}\n"


def as_object(name: str) -> str:
    """The record as a JSON object, without the columns that may be empty."""
    kept = {key: value for key, value in GOOD.items() if key not in {"Weight", "Fragile"}}
    return orjson.dumps({**kept, "Name": name}).decode()


@pytest.mark.parametrize("written", [record, as_object], ids=["bare line", "JSON object"])
def test_the_host_speaks_to_kafka_directly(
    lab: Lab, mysql: Warehouse, nonce: str, written: Callable[[str], str]
) -> None:
    line = written(nonce).encode()
    producer = KafkaProducer(**kafka_account("person").client())
    sent = producer.send(FEED, line).get(timeout=SECONDS)
    producer.close()
    part = TopicPartition(FEED, sent.partition)
    consumer = KafkaConsumer(**kafka_account("person").client())
    consumer.assign([part])
    consumer.seek(part, sent.offset)
    (seen,) = consumer.poll(timeout_ms=SECONDS * 1000, max_records=1)[part]
    consumer.close()
    assert (seen.offset, seen.value) == (sent.offset, line)
    assert wait_for_row(mysql, nonce)["name"] == nonce
