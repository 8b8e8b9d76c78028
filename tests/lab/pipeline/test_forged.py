"""What a record claims counts with the producers' seal alone: anyone else's takes nothing away, and is listed."""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import orjson
import pytest
from kafka import KafkaProducer
from pydantic import SecretStr

from instruments.own_feed import FEED, GOOD, committed_ends, record, topic_ends, write_file
from instruments.tools import Sum, Warehouse, millrace, send, source_of, wait_until
from lab.observe.access import kafka_account, settings
from millrace.kafka.broker import Broker
from millrace.kafka.topic_reader import TopicReader
from millrace.record.event import Claim, encode_event, timestamp
from millrace.record.identity import console_source
from millrace.record.record_reader import FORGED, OTHER_SEAL
from millrace.record.seal import Seal
from millrace.settings import Lab

pytestmark = pytest.mark.usefixtures("parcel")
SECONDS = 60
ORIGIN = f"SELECT origin FROM pipeline_source WHERE feed = '{FEED}' AND source_id = :source"
LATER = "2098-01-01T00:00:00.000Z"


def event(name: str, source: int, sent_at: str, claim: Claim) -> bytes:
    """What a producer would send, without its seal."""
    return encode_event(FEED, source, 1, sent_at, data=GOOD | {"Name": name}, origin="api", claim=claim)


def publish(values: Sequence[bytes]) -> list[tuple[int, int]]:
    """Records of whoever may type; partition and offset of each."""
    with closing(KafkaProducer(**kafka_account("person").client(), acks="all")) as producer:
        sent = [producer.send(FEED, value).get(timeout=SECONDS) for value in values]
    return [(each.partition, each.offset) for each in sent]


def sealed(source: int) -> bytes:
    """A record of that source as it stands in the topic."""
    with closing(TopicReader(settings().kafka_account)) as reader:
        stored = [each for part, end in topic_ends().items() for each in reader.records(FEED, part, 0, end)]
    return next(each.value for each in stored if each.value and b'"source":%d,' % source in each.value)


def sealed_of_another_feed(lab: Lab) -> tuple[str, bytes]:
    """A feed that is on, and the last record of its topic that the producers have sealed."""
    seal, broker = Seal(settings().record_key), Broker(settings().kafka_account)
    with closing(broker), closing(TopicReader(settings().kafka_account)) as reader:
        for feed in lab.feeds:
            for part, end in broker.latest_offsets(feed).items():
                found = reader.record_at(feed, part, end - 1) if end else None
                if found and found.value and seal.is_on(found.value):
                    return feed, found.value
    pytest.fail("no topic ends in a sealed record")


def refusals(mysql: Warehouse, positions: Sequence[tuple[int, int]]) -> list[str]:
    """The reasons for which the records that stand there are refused, in the order of those positions."""
    query = f"SELECT kafka_partition, kafka_offset, reasons FROM quarantine WHERE feed = '{FEED}'"
    found = {(row["kafka_partition"], row["kafka_offset"]): row["reasons"] for row in mysql.rows(query)}
    listed = [found[position] for position in positions if position in found]
    return [orjson.loads(reasons)[0]["reason"] for reasons in listed]


def test_a_forged_record_takes_no_rows_away(mysql: Warehouse, tmp_path: Path, nonce: str) -> None:
    file = write_file(tmp_path, nonce, record(nonce, 1), record(nonce, 2))
    source, content = source_of(FEED, file), file.read_bytes()
    assert send(FEED, file) == Sum(2, 2, 0, 0, 0)

    forged = event(f"{nonce}-forged", int(nonce, 16), timestamp(), Claim(2**62, (source,)))
    other = Seal(SecretStr("a key of somebody's")).put_on(forged)
    copied = sealed(source)
    positions = publish([forged, other, forged[:-1] + copied[copied.rindex(b",") :]])
    wait_until(lambda: len(refusals(mysql, positions)) == len(positions), "each forged record is listed")
    assert refusals(mysql, positions) == [FORGED, OTHER_SEAL, OTHER_SEAL]

    def rows() -> int:
        return int(mysql.one(f"SELECT COUNT(*) FROM v_{FEED} WHERE source_id = :source", source=source))

    assert rows() == 2
    assert millrace("replay", FEED).code == 0
    assert rows() == 2
    assert mysql.one(f"SELECT COUNT(*) FROM v_{FEED} WHERE name = :name", name=f"{nonce}-forged") == 0
    open_ones = f"SELECT COUNT(*) FROM v_quarantine WHERE feed = '{FEED}' AND resolved_at IS NULL AND raw LIKE :nonce"
    assert mysql.one(open_ones, nonce=f"%{nonce}-forged%") == len(positions), "a replay seals no forged record"

    file.write_bytes(content)
    assert send(FEED, file) == Sum(2, 0, 0, 2, 0)


def test_an_old_record_that_is_published_again_takes_no_newer_version_away(
    mysql: Warehouse, tmp_path: Path, nonce: str
) -> None:
    """Byte for byte, with its seal and what it once replaced: whoever may read the topic can do that."""
    file = write_file(tmp_path, nonce, record(nonce, 1))
    first, content = source_of(FEED, file), file.read_bytes()
    assert send(FEED, file) == Sum(1, 1, 0, 0, 0)
    second = source_of(FEED, write_file(tmp_path, nonce, record(nonce, 2)))
    assert send(FEED, file, "--replace") == Sum(1, 1, 0, 0, 0)
    file.write_bytes(content)
    assert send(FEED, file, "--replace") == Sum(1, 1, 0, 0, 0)

    def rows() -> list[int]:
        found = mysql.rows(f"SELECT source_id FROM v_{FEED} WHERE name = :name", name=nonce)
        return [row["source_id"] for row in found]

    duplicates = f"SELECT duplicates FROM pipeline_source WHERE feed = '{FEED}' AND source_id = :source"
    before, old = mysql.one(duplicates, source=second), sealed(second)
    assert orjson.loads(old)["replaces"] == first
    assert rows() == [first]
    ((partition, offset),) = publish([old])
    wait_until(lambda: committed_ends().get(partition, 0) > offset, "it has been read")
    assert rows() == [first]
    assert mysql.one(duplicates, source=second) == before + 1
    assert refusals(mysql, [(partition, offset)]) == []


def test_a_sealed_record_of_another_feed_is_listed_and_claims_nothing(lab: Lab, mysql: Warehouse) -> None:
    feed, value = sealed_of_another_feed(lab)
    source = orjson.loads(value)["source"]
    positions = publish([value])
    wait_until(lambda: bool(refusals(mysql, positions)), "it is listed")
    assert refusals(mysql, positions) == [f"the record belongs to the feed {feed}"]
    assert mysql.one(f"SELECT COUNT(*) FROM v_{FEED} WHERE source_id = :source", source=source) == 0
    taken = f"SELECT COUNT(*) FROM pipeline_replaced WHERE feed = '{FEED}' AND replaced_by = :source"
    assert mysql.one(taken, source=source) == 0


def test_without_a_seal_an_event_is_a_typed_record(mysql: Warehouse, nonce: str) -> None:
    ((partition, offset),) = publish([event(nonce, int(nonce, 16), LATER, Claim(2**62))])
    found = f"SELECT source_id, row_no, sent_at < NOW() + INTERVAL 1 MINUTE AS is_now FROM v_{FEED} WHERE name = :name"
    wait_until(lambda: bool(mysql.rows(found, name=nonce)), "its data are a row")
    uuid = mysql.one(f"SELECT topic_uuid FROM pipeline_feed WHERE feed = '{FEED}'")
    source = console_source(uuid, partition)
    assert mysql.rows(found, name=nonce) == [{"source_id": source, "row_no": offset, "is_now": 1}]
    assert mysql.one(ORIGIN, source=source) == "console"


def test_a_sealed_record_of_tomorrow_was_sent_when_it_came(mysql: Warehouse, nonce: str) -> None:
    source = int(nonce, 16)
    publish([Seal(settings().record_key).put_on(event(nonce, source, LATER, Claim()))])
    found = f"SELECT source_id, row_no, sent_at < NOW() + INTERVAL 1 MINUTE AS is_now FROM v_{FEED} WHERE name = :name"
    wait_until(lambda: bool(mysql.rows(found, name=nonce)), "it is a row")
    assert mysql.rows(found, name=nonce) == [{"source_id": source, "row_no": 1, "is_now": 1}]
    assert mysql.one(ORIGIN, source=source) == "api"
    assert mysql.one(f"SELECT SUM(records) FROM pipeline_event WHERE feed = '{FEED}' AND kind = 'ahead'") >= 1
    notices = orjson.loads(millrace("status", "--json").out)["notices"]
    assert [each["kind"] for each in notices if (each["feed"], each["name"]) == (FEED, "ahead")] == ["tells"]
