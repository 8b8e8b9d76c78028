"""What the broker is asked, without one: names, declarations, and a broker that is not there."""

import threading
from uuid import UUID

import pytest

from millrace.contract.contract import load_contract
from millrace.errors import Refused
from millrace.kafka.broker import Broker, short_uuid
from millrace.kafka.topic_settings import declared
from millrace.kafka_account import KafkaAccount


def test_a_topic_id_is_printed_as_kafkas_tools_do() -> None:
    topic_id = UUID("4ba5 1b7a 6c7e 4bec a632 1cd9 31f5 f293".replace(" ", ""))
    assert short_uuid(topic_id) == short_uuid(str(topic_id)) == "S6Ubemx-S-ymMhzZMfXykw"
    assert short_uuid(UUID(int=0)) == "A" * 22


def test_a_topic_is_declared_as_its_contract_says() -> None:
    assert declared(load_contract("insurance_rate"), 2**31) == {
        "num_partitions": 2,
        "replication_factor": 1,
        "configs": {
            "cleanup.policy": "delete",
            "retention.ms": "-1",
            "retention.bytes": "2147483648",
            "segment.bytes": "268435456",
            "max.message.bytes": "8454144",
        },
    }


def test_a_broker_that_is_not_there_is_named_in_one_sentence() -> None:
    with pytest.raises(Refused) as refused:
        Broker(KafkaAccount(address="127.0.0.1:1"), timeout_ms=300).topics()
    assert str(refused.value) == (
        "Kafka at 127.0.0.1:1 does not answer (KafkaTimeoutError); see `make status`, then try again."
    )


def test_asking_a_broker_that_is_not_there_leaves_nothing_running() -> None:
    broker, before = Broker(KafkaAccount(address="127.0.0.1:1"), timeout_ms=100), threading.active_count()
    for _ in range(3):
        with pytest.raises(Refused):
            broker.topics()
    assert threading.active_count() == before
