"""Files that replace one another and come back, replays, another feed's records: each counts once or is listed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from kafka import KafkaProducer

from instruments.own_feed import FEED, line, record, write_file
from instruments.tools import Sum, Warehouse, as_root, millrace, send, source_of, wait_until
from lab.host import remote
from lab.observe.access import kafka_account, settings
from millrace.record.event import encode_event, timestamp
from millrace.record.seal import Seal
from millrace.settings import Lab
from tests.lab.batch_jobs import jobs_at_rest
from tests.lab.pipeline.test_batch import LAKE, NO_LIMIT, RUN_SECONDS, lake_account

pytestmark = pytest.mark.usefixtures("parcel")
SETTINGS = (
    "EnvironmentFile=/etc/spark/environment",
    "EnvironmentFile=/etc/millrace/millrace-batch.env",
    "LoadCredential=millrace-stream.env:/etc/millrace/millrace-stream.env",
)
EXPORT = (
    "sudo systemd-run --quiet --wait --collect --uid=spark --property=WorkingDirectory=/var/lib/spark "
    + " ".join(f"--property={setting}" for setting in SETTINGS)
    + " /opt/spark/bin/spark-submit --master 'local[1]' --driver-memory 512m --conf spark.ui.enabled=false"
    + f" /opt/millrace/app/spark/jobs/lake.py {FEED}"
)
NOBODY, ROW = "nobody", 7


@pytest.fixture
def own_lake(lab: Lab) -> Iterator[None]:
    """The feed is in no timer's lake, and no timer's job is beside ours."""
    with jobs_at_rest():
        try:
            yield
        finally:
            remote.run("spark", f"sudo sh -c 'rm -rf {LAKE}/{FEED} {LAKE}/.*/{FEED}'")


def export() -> tuple[int, int]:
    """Rows and identities that the lake has of the feed, after a run."""
    remote.run("spark", EXPORT, timeout=RUN_SECONDS)
    return lake_account(FEED, NO_LIMIT)[:2]


@pytest.mark.full
@pytest.mark.usefixtures("own_lake")
def test_versions_that_replace_one_another_come_back_and_are_replayed(
    mysql: Warehouse, tmp_path: Path, nonce: str
) -> None:
    good, bad = record(nonce), line(Name=nonce, State="Alaska")
    old = write_file(tmp_path, nonce, good, bad)
    old_source, old_content = source_of(FEED, old), old.read_bytes()
    assert send(FEED, old) == Sum(2, 1, 0, 0, 1)
    new = write_file(tmp_path, nonce, bad, good)
    new_source, new_content = source_of(FEED, new), new.read_bytes()

    def rows() -> list[tuple[int, int]]:
        query = f"SELECT source_id, row_no FROM v_{FEED} WHERE source_id IN (:old, :new)"
        found = mysql.rows(query, old=old_source, new=new_source)
        return [(row["source_id"], row["row_no"]) for row in found]

    def refused() -> set[int]:
        query = f"SELECT source_id FROM v_quarantine WHERE feed = '{FEED}' AND resolved_at IS NULL"
        return {row["source_id"] for row in mysql.rows(query)} & {old_source, new_source}

    assert send(FEED, new, "--replace") == Sum(2, 1, 0, 0, 1)
    assert (rows(), refused()) == ([(new_source, 2)], {new_source})

    old.write_bytes(old_content)
    assert send(FEED, old, "--as-new") == Sum(2, 1, 0, 0, 1)
    both = sorted([(old_source, 1), (new_source, 2)])
    assert (sorted(rows()), refused()) == (both, {old_source, new_source})

    # The refused record of the new version took the old one's place once, and does not do so again.
    assert millrace("replay", FEED).code == 0
    assert (sorted(rows()), refused()) == (both, {old_source, new_source})
    in_lake = export()
    assert in_lake[0] == in_lake[1] >= 2

    new.write_bytes(new_content)
    assert send(FEED, new, "--replace") == Sum(2, 0, 0, 2, 0)
    old.write_bytes(old_content)
    assert send(FEED, old, "--replace") == Sum(2, 1, 0, 0, 1)
    assert (rows(), refused()) == ([(old_source, 1)], {old_source})
    assert export() == (in_lake[0] - 1, in_lake[1] - 1)


@pytest.fixture
def namesake(nonce: str) -> Iterator[int]:
    """A source of which another feed, that nobody has, holds a refused record."""
    source = int(nonce, 16)
    values = f"{source}, {ROW}, '{NOBODY}', 1, '{NOBODY}', 0, 0, '[]', NOW()"
    columns = "source_id, row_no, feed, load_id, topic, kafka_partition, kafka_offset, reasons, quarantined_at"
    as_root(f"INSERT INTO millrace.quarantine ({columns}) VALUES ({values})")
    yield source
    as_root(f"DELETE FROM millrace.quarantine WHERE feed = '{NOBODY}'")


def test_a_record_of_another_feed_is_listed_beside_its_namesake(lab: Lab, mysql: Warehouse, namesake: int) -> None:
    """And what says when it came is the broker, not the clock of who typed it."""
    producer = KafkaProducer(**kafka_account("admin").client())
    event = Seal(settings().record_key).put_on(encode_event(NOBODY, namesake, ROW, timestamp(), data={"a": "b"}))
    producer.send(FEED, event).get(timeout=60)
    producer.send(FEED, record(f"{namesake}").encode(), timestamp_ms=1).get(timeout=60)
    producer.close()
    listed = f"SELECT feed FROM quarantine WHERE source_id = {namesake} ORDER BY feed"
    wait_until(lambda: [row["feed"] for row in mysql.rows(listed)] == [NOBODY, FEED], "both are listed")
    typed = f"SELECT sent_at > NOW() - INTERVAL 1 DAY FROM v_{FEED} WHERE name = '{namesake}'"
    wait_until(lambda: bool(mysql.rows(typed)), "the typed record is a row")
    assert mysql.one(typed) == 1
