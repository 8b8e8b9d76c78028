"""How each peer is started: as its documentation says, and with no password on a command line."""

import stat
from pathlib import Path

import orjson
import pytest

from bench.peers import bare_load, beginner, debezium, flink_sql, spark_jdbc, trees
from bench.peers.table import COLUMNS, NAMES
from bench.peers.task import VARIABLE, Peer, Task, from_environment, in_environment
from millrace.errors import Refused
from tests.unit.bench.peers.tasks import task_in

pytestmark = pytest.mark.host
PEERS: tuple[Peer, ...] = (bare_load, beginner, debezium, flink_sql, spark_jdbc)
SECRETS = ("secret-of-mysql", "secret-of-kafka")


@pytest.fixture
def task(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Task:
    """Of a record that is there; nothing is installed, and Kafka is not asked."""
    for peer in (debezium, flink_sql, spark_jdbc):
        monkeypatch.setattr(peer, "tree", Path)
    monkeypatch.setattr(debezium, "place_group", lambda _task: None)
    monkeypatch.setattr(bare_load, "write_rows", lambda _task: None)
    return task_in(tmp_path)


@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.NAME)
def test_passwords_stand_in_the_environment_or_in_files_of_this_user(peer: Peer, task: Task) -> None:
    command = peer.start(task).command
    assert not [word for word in command if any(secret in word for secret in SECRETS)]
    for file in task.folder.iterdir():
        if any(secret in file.read_text() for secret in SECRETS):
            assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_process_of_python_reads_its_task_from_its_environment(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, in_environment(task)[VARIABLE])
    assert from_environment() == task
    assert "secret" not in str(task)


def test_connect_is_told_the_form_of_a_record_and_the_names_of_its_columns(task: Task) -> None:
    worker, sink = debezium.worker_settings(task), debezium.connector_settings(task)
    schema = orjson.loads(str(worker["value.converter.schema.content"]))
    assert [field["field"] for field in schema["fields"]] == ["source", "row", "data"]
    assert [field["field"] for field in schema["fields"][2]["fields"]] == [column.from_ for column in COLUMNS]
    assert worker["consumer.sasl.mechanism"] == "SCRAM-SHA-512"
    assert sink["tasks.max"] == 2
    assert str(sink["transforms.named.renames"]).endswith(",data.IndividualRate:individual_rate")


def test_java_reads_a_backslash_from_two() -> None:
    assert debezium.properties({"a": "b\\c"}) == "a=b\\\\c\n"


def test_flink_has_a_table_on_kafka_and_one_on_mysql(task: Task) -> None:
    said = flink_sql.statements(task)
    assert "'scan.startup.specific-offsets' = 'partition:0,offset:100;partition:1,offset:200'" in said
    assert "'properties.sasl.mechanism' = 'SCRAM-SHA-512'" in said
    assert "  imported_at TIMESTAMP(0),\n" in said
    assert "CAST(`data`.`IndividualRate` AS DECIMAL(10,2)) FROM events;" in said
    assert flink_sql.quoted("it's") == "'it''s'"


def test_spark_casts_to_the_types_of_the_table() -> None:
    types = dict(zip(NAMES, map(spark_jdbc.spark_type, COLUMNS), strict=True))
    assert (types["state_code"], types["imported_at"], types["individual_rate"]) == (
        "string",
        "timestamp",
        "decimal(10,2)",
    )


def test_what_maven_cannot_fetch_is_told_in_its_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trees, "downloads_folder", lambda: tmp_path)
    monkeypatch.setattr(trees.shutil, "which", lambda _name: "/usr/bin/it")
    monkeypatch.setattr(trees, "MAVEN", ["sh", "-c", "echo '[ERROR] no such jar'; exit 1"])
    with pytest.raises(Refused, match=r"Maven cannot fetch what flink\.xml names: \[ERROR\] no such jar"):
        trees.tree("flink")
    monkeypatch.setattr(trees, "INSTALL_SECONDS", 0.1)
    monkeypatch.setattr(trees, "MAVEN", ["sh", "-c", "exec sleep 60"])
    with pytest.raises(Refused, match=r"Maven has not fetched what flink\.xml names after 0\.1 s"):
        trees.tree("flink")
    monkeypatch.setattr(trees, "MAVEN", ["true"])
    assert trees.tree("flink").is_dir()
