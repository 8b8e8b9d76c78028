"""What a person types in two terminals: console producer and consumer, and a bare line that becomes a row."""

import shlex

import pytest
from kafka import KafkaConsumer, KafkaProducer

from feeds.settings import Lab
from lab import remote
from tests.lab.tools import Warehouse, wait_until

FEED = "insurance_network"


def bare_line(name: str) -> str:
    """A record in the contract's column order, without a header."""
    return f"2014,AK,21989,HIOS,6,3/19/2014 7:06,21989,AK,{name},AKN001,https://example.org/,1,,"


def produce(lab: Lab, line: str) -> None:
    """Types a line into the console producer on the kafka machine."""
    broker = f"{lab.address('kafka')}:9092"
    tool = f"kafka-console-producer.sh --bootstrap-server {broker} --topic {FEED}"
    remote.run("kafka", f"echo {shlex.quote(line)} | {tool}")


def wait_for_row(mysql: Warehouse, name: str) -> dict[str, object]:
    """The row with that network name, once it is there."""
    rows = f"SELECT * FROM v_{FEED} WHERE network_name = :name"
    wait_until(lambda: bool(mysql.rows(rows, name=name)), f"{name} is in MySQL", 60)
    (row,) = mysql.rows(rows, name=name)
    return row


def test_a_line_typed_on_the_kafka_machine_becomes_a_row(lab: Lab, mysql: Warehouse, nonce: str) -> None:
    produce(lab, bare_line(nonce))
    row = wait_for_row(mysql, nonce)
    assert (row["business_year"], row["state_code"], row["issuer_id"], row["network_id"]) == (
        2014,
        "AK",
        21989,
        "AKN001",
    )


def test_a_line_typed_on_the_machine_is_seen_by_its_consumer(lab: Lab, nonce: str) -> None:
    produce(lab, bare_line(nonce))
    broker = f"{lab.address('kafka')}:9092"
    seen = remote.run(
        "kafka",
        f"kafka-console-consumer.sh --bootstrap-server {broker} --topic {FEED} --from-beginning --timeout-ms 5000",
    )
    assert bare_line(nonce) in seen


@pytest.mark.parametrize("wrapped", [False, True], ids=["bare line", "JSON object"])
def test_the_host_speaks_to_kafka_directly(lab: Lab, mysql: Warehouse, nonce: str, wrapped: bool) -> None:
    line = (
        f'{{"BusinessYear": "2014", "StateCode": "AK", "IssuerId": "21989", "ImportDate": "3/19/2014 7:06",'
        f' "NetworkId": "AKN001", "NetworkName": "{nonce}"}}'
        if wrapped
        else bare_line(nonce)
    )
    producer = KafkaProducer(bootstrap_servers=f"{lab.address('kafka')}:9092")
    sent = producer.send(FEED, line.encode()).get(timeout=30)
    producer.close()
    consumer = KafkaConsumer(FEED, bootstrap_servers=f"{lab.address('kafka')}:9092", auto_offset_reset="earliest")
    seen = next(record for record in consumer if record.offset == sent.offset and record.partition == sent.partition)
    consumer.close()
    assert seen.value == line.encode()
    assert wait_for_row(mysql, nonce)["network_name"] == nonce
