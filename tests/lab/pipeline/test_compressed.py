"""Records that a person's own producer compresses: any codec of Kafka's, and few bytes that unpack to very many."""

from collections.abc import Mapping
from contextlib import closing

import pytest
from kafka import KafkaProducer

from instruments.own_feed import FEED, committed_ends, record
from instruments.tools import EXECUTOR_PROCESS, Warehouse, wait_until
from lab.host import remote
from lab.observe.access import kafka_account
from spark.load.blame import TOO_LARGE
from tests.lab.pipeline.test_console import wait_for_row
from tests.lab.pipeline.test_forged import refusals

pytestmark = pytest.mark.usefixtures("parcel")
SECONDS = 60
MB = 2**20
EXECUTORS = f"pgrep -f {EXECUTOR_PROCESS}"


def publish(values: list[bytes], codec: str, batch: int = MB) -> list[tuple[int, int]]:
    """Records of whoever may type, at once into one partition, in batches of so many bytes; where each stands."""
    account = kafka_account("person").client()
    producer = KafkaProducer(
        **account, acks="all", compression_type=codec, linger_ms=1000, batch_size=batch, max_request_size=1024 * MB
    )
    with closing(producer):
        asked = [producer.send(FEED, value, partition=0) for value in values]
        sent = [each.get(timeout=SECONDS) for each in asked]
    return [(each.partition, each.offset) for each in sent]


@pytest.mark.parametrize("codec", ["gzip", "lz4", "snappy", "zstd"])
def test_records_of_any_codec_are_loaded_and_those_behind_them(mysql: Warehouse, nonce: str, codec: str) -> None:
    # The load behind it compares the topic with the last record of the one before.
    for name in (f"{nonce}-a", f"{nonce}-b", f"{nonce}-c"):
        publish([record(name).encode()], codec)
        wait_for_row(mysql, name)


def test_a_record_that_unpacks_to_more_than_memory_stops_nobody(mysql: Warehouse, nonce: str) -> None:
    before = remote.run("spark", EXECUTORS)
    huge = b'{"a": "' + b" " * (200 * MB) + b'"}'
    positions = publish([record(f"{nonce}-before").encode(), huge, record(f"{nonce}-behind").encode()], "zstd")
    wait_until(lambda: has_committed(positions), "they are dealt with")
    assert refusals(mysql, positions) == [TOO_LARGE]
    for name in (f"{nonce}-before", f"{nonce}-behind"):
        wait_for_row(mysql, name)
    assert remote.run("spark", EXECUTORS) == before, "the executor that met it does the other feeds' work as well"


def test_what_stands_behind_it_in_its_batch_is_refused_with_it(mysql: Warehouse, nonce: str) -> None:
    values = [record(f"{nonce}-before").encode(), b" " * (200 * MB), record(f"{nonce}-behind").encode()]
    positions = publish(values, "zstd", 512 * MB)
    wait_until(lambda: has_committed(positions), "they are dealt with")
    assert refusals(mysql, positions) == [TOO_LARGE] * 2
    wait_for_row(mysql, f"{nonce}-before")
    publish([record(f"{nonce}-next").encode()], "zstd")
    wait_for_row(mysql, f"{nonce}-next")


def has_committed(positions: list[tuple[int, int]]) -> bool:
    ends: Mapping[int, int] = committed_ends()
    return all(ends[partition] > offset for partition, offset in positions)
