"""Kafka loses what it had acknowledged, holds what no consumer may see, drops records, or is another one altogether.

What was loaded stays, what is there is loaded once, and the loss is said once.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from kafka import KafkaAdminClient, TopicPartition

from instruments.failpoints import DEADLINE
from instruments.own_feed import CONTRACT, LANDING, committed_ends, topic_ends, write_file
from instruments.tools import Sum, send, wait_until
from lab.host import remote
from lab.observe.access import answers, kafka_account
from millrace.kafka.broker import Broker
from millrace.settings import Lab
from spark.app.why_waiting import OPEN_TRANSACTION
from tests.faults.drill import FEED, Drill
from tests.faults.typed_lines import lines_of, open_transaction, type_lines
from tests.lab.journals import journal, machine_time

DATA, COPY = "/var/lib/kafka", "/var/lib/kafka.copy"


def rows_of(drill: Drill, name: str) -> int:
    return int(drill.one(f"SELECT COUNT(*) FROM v_{FEED} WHERE name = :name", name=name))


def wait_until_loaded(drill: Drill) -> None:
    """The ledger ends where the topic does; asked of Kafka, since the ledger's own word on that may be old."""

    def is_loaded() -> bool:
        committed = committed_ends()
        return all(committed.get(partition, 0) == end for partition, end in topic_ends().items())

    wait_until(is_loaded, "the topic is loaded to its end", DEADLINE)
    drill.check_ledger()


def messages(drill: Drill, kind: str) -> list[str]:
    found = "SELECT message FROM pipeline_event WHERE feed = :feed AND kind = :kind ORDER BY event_id"
    return [row["message"] for row in drill.rows(found, feed=FEED, kind=kind)]


def jumps(drill: Drill, kind: str) -> int:
    return int(drill.one("SELECT COUNT(*) FROM pipeline_jump WHERE feed = :f AND kind = :k", f=FEED, k=kind))


@contextmanager
def stream_stopped() -> Iterator[None]:
    remote.run("spark", "sudo systemctl stop millrace-stream", timeout=120)
    try:
        yield
    finally:
        remote.run("spark", "sudo systemctl start millrace-stream", timeout=120)


@contextmanager
def kafka_stopped(lab: Lab) -> Iterator[None]:
    remote.run("kafka", "sudo systemctl stop kafka", timeout=120)
    try:
        yield
    finally:
        remote.run("kafka", "sudo systemctl start kafka", timeout=120)
        wait_until(lambda: answers(lab.address("kafka"), 9092), "Kafka answers again", DEADLINE)


@pytest.fixture
def cut_back(drill: Drill) -> Iterator[Callable[[], None]]:
    """Kafka's disk is copied; the call given puts the copy back, as a loss of power takes away what was not on it."""
    with stream_stopped(), kafka_stopped(drill.lab):
        remote.run("kafka", f"sudo rm -rf {COPY} && sudo cp -a {DATA} {COPY}", timeout=300)

    def back() -> None:
        with kafka_stopped(drill.lab):
            remote.run("kafka", f"sudo find {DATA} -mindepth 1 -delete && sudo cp -a {COPY}/. {DATA}", timeout=300)

    yield back
    remote.run("kafka", f"sudo rm -rf {COPY}")


@pytest.fixture
def loaded(drill: Drill, nonce: str) -> str:
    """A few typed records that were loaded before anything is lost."""
    type_lines(lines_of(f"{nonce}-0", 30))
    wait_until_loaded(drill)
    return nonce


@pytest.mark.full
def test_a_topic_that_ends_before_the_ledger(drill: Drill, loaded: str, cut_back: Callable[[], None]) -> None:
    """A hundred typed records are loaded and lost, a hundred and fifty typed at their positions."""
    before, began = jumps(drill, "cut"), machine_time("spark")
    type_lines(lines_of(f"{loaded}-lost", 100))
    wait_until_loaded(drill)
    with stream_stopped():
        cut_back()
        type_lines(lines_of(f"{loaded}-since", 150))
    wait_until_loaded(drill)
    assert [rows_of(drill, f"{loaded}-{name}") for name in ("0", "lost", "since")] == [30, 100, 150]
    assert drill.one(f"SELECT COUNT(*) FROM quarantine WHERE feed = '{FEED}' AND raw LIKE '%{loaded}%'") == 0
    (said,) = messages(drill, "cut")
    assert said.startswith(f"The topic {FEED} has lost records that were loaded from it (some of ")
    assert jumps(drill, "cut") == before + CONTRACT.topic.partitions
    lines = journal("spark", "millrace-stream", began).splitlines()
    assert sum(said in line for line in lines) == 1
    drill.kill_application()
    type_lines(lines_of(f"{loaded}-after", 1))
    wait_until_loaded(drill)
    assert jumps(drill, "cut") == before + CONTRACT.topic.partitions, "the cut is said once"


@pytest.mark.full
def test_what_producers_had_sent_and_kafka_lost_is_sent_again(
    drill: Drill, nonce: str, cut_back: Callable[[], None], tmp_path: Path
) -> None:
    file = write_file(tmp_path, nonce, *lines_of(nonce, 3_000))
    archived = f"sudo ls {LANDING}/archive | grep -c {nonce} || true"

    def drop(times: int) -> None:
        remote.put("kafka", file, f"{LANDING}/{nonce}.csv")
        wait_until(lambda: int(remote.run("kafka", archived)) == times, "the file is sent and archived", DEADLINE)

    with stream_stopped():
        drop(1)
        ends = topic_ends()
        cut_back()
        assert sum(topic_ends().values()) == sum(ends.values()) - 3_000
        drop(2)
    wait_until_loaded(drill)
    assert rows_of(drill, nonce) == 3_000


@pytest.mark.full
def test_what_kafka_has_lost_of_archived_files_is_sent_again_or_told(
    drill: Drill, nonce: str, cut_back: Callable[[], None], tmp_path: Path
) -> None:
    """Two files that land, are lost before they are loaded, and over which a third one is written; one has left."""
    files = [write_file(tmp_path, f"{nonce}-{name}", *lines_of(f"{nonce}-{name}", 3_000)) for name in "abc"]

    def drop(file: Path) -> None:
        remote.put("kafka", file, f"{LANDING}/{file.name}")
        there = f"sudo test -e {LANDING}/archive/{file.name} && echo yes || true"
        wait_until(lambda: remote.run("kafka", there) == "yes\n", f"{file.name} is sent and archived", DEADLINE)

    def look() -> list[str]:
        remote.run("kafka", f"millrace resend {FEED}", timeout=DEADLINE)
        told = "SELECT message FROM pipeline_notice WHERE feed = :feed AND place = 'sent'"
        return [row["message"] for row in drill.rows(told, feed=FEED)]

    with stream_stopped():
        drop(files[0])
        drop(files[1])
        assert look() == []
        cut_back()
        drop(files[2])
        remote.run("kafka", f"sudo rm {LANDING}/archive/{files[1].name}")
        # A producer of before the set-back may have the number that Kafka gives a new one: the next look sends again.
        wait_until(lambda: look() != [], "what has left archive/ is told", DEADLINE)
        (said,) = look()
        assert said.startswith(f"Kafka has lost records of {files[1].name} before they were loaded")
    wait_until_loaded(drill)
    assert [rows_of(drill, f"{nonce}-{name}") for name in "abc"] == [3_000, 0, 3_000]
    drop(files[1])
    wait_until_loaded(drill)
    assert look() == []
    assert rows_of(drill, f"{nonce}-b") == 3_000


@pytest.mark.full
def test_transactions_and_deleted_records_leave_gaps(drill: Drill, nonce: str) -> None:
    before = drill.one(f"SELECT read_count FROM pipeline_feed WHERE feed = '{FEED}'")
    ends = sum(topic_ends().values())
    type_lines(lines_of(f"{nonce}-kept", 7), nonce)
    type_lines(lines_of(f"{nonce}-aborted", 5), nonce, commits=False)
    type_lines(lines_of(f"{nonce}-plain", 3))
    wait_until(lambda: rows_of(drill, f"{nonce}-plain") == 3, "what follows the transactions is loaded", DEADLINE)
    wait_until_loaded(drill)
    assert [rows_of(drill, f"{nonce}-{name}") for name in ("kept", "aborted")] == [7, 0]
    assert drill.one(f"SELECT read_count FROM pipeline_feed WHERE feed = '{FEED}'") == before + 10
    assert sum(topic_ends().values()) > ends + 15, "markers of transactions take offsets too"
    with stream_stopped():
        type_lines(lines_of(f"{nonce}-dropped", 40))
        admin = KafkaAdminClient(**kafka_account("admin").client())
        left = {partition: end - 5 for partition, end in topic_ends().items()}
        admin.delete_records({TopicPartition(FEED, partition): offset for partition, offset in left.items()})
        admin.close()
    wait_until_loaded(drill)
    assert rows_of(drill, f"{nonce}-dropped") == 5 * CONTRACT.topic.partitions
    (said,) = messages(drill, "dropped")
    assert said.startswith(f"The topic {FEED} has dropped records before they were loaded (")


@pytest.mark.full
def test_what_stands_behind_an_open_transaction_waits_says_why_and_is_not_taken_for_lost(
    drill: Drill, nonce: str, tmp_path: Path
) -> None:
    file = write_file(tmp_path, nonce, *lines_of(nonce, 500))
    message = f"SELECT message FROM pipeline_feed WHERE feed = '{FEED}'"
    with open_transaction(lines_of(f"{nonce}-open", 5), nonce) as producer, ThreadPoolExecutor(1) as apart:
        sending = apart.submit(send, FEED, file)
        wait_until(lambda: drill.one(message) == OPEN_TRANSACTION, "the feed says why it waits", DEADLINE)
        assert not sending.done()
        producer.commit_transaction()
        assert sending.result() == Sum(500, 500, 0, 0, 0)
    wait_until_loaded(drill)
    assert rows_of(drill, f"{nonce}-open") == 5


@pytest.mark.full
def test_a_topic_made_anew_is_gone_on_with(drill: Drill, nonce: str, tmp_path: Path) -> None:
    file = write_file(tmp_path, nonce, *lines_of(nonce, 500))
    assert send(FEED, file) == Sum(500, 500, 0, 0, 0)
    rows = drill.one(f"SELECT COUNT(*) FROM v_{FEED}")
    broker = Broker(kafka_account("admin"))
    broker.delete_topic(FEED)
    broker.ensure_topics([CONTRACT], {FEED: CONTRACT.topic.retention_bytes})
    broker.close()
    wait_until(lambda: bool(messages(drill, "renewed")), "the new topic is found", DEADLINE)
    type_lines(lines_of(f"{nonce}-typed", 4))
    wait_until_loaded(drill)
    assert send(FEED, file) == Sum(500, 0, 0, 500, 0)
    assert drill.one(f"SELECT COUNT(*) FROM v_{FEED}") == rows + 4
    drill.check_ledger()
