"""A full disk is named with its machine, wherever it is met and whoever reports it."""

import errno
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from millrace.errors import Refused, disk_full, disk_full_of, is_disk_full
from millrace.kafka import connection
from millrace.kafka.broker import Broker
from millrace.kafka_account import KafkaAccount
from millrace.lab_files import CHECKOUT

FULL = (
    "The disk of the kafka machine is full: make room there, `vagrant ssh kafka -c 'df -h'` shows where; what waits"
    " goes on by itself, nothing is lost."
)


@pytest.mark.parametrize(
    ("said", "machine"),
    [
        ("(mysql.connector.errors.DatabaseError) 1114 (HY000): The table 'weather' is full\n[SQL: INSERT", "mysql"),
        ("1021 (HY000): Disk full (/tmp/#sql1); waiting for someone to free some space... (errno: 28", "mysql"),
        ("1030 (HY000): Got error 28 - 'No space left on device' from storage engine", "mysql"),
        ("1026 (HY000): Error writing file 'x' (errno: 28 - No space left on device)", "mysql"),
        ("3 (HY000): Error writing file '/var/lib/mysql/x' (OS errno 28 - No space left on device)", "mysql"),
        ("Job aborted …\njava.io.IOException: No space left on device\n\tat java.io.File", "spark"),
        ("Traceback (most recent call last):\nOSError: [Errno 28] No space left on device: 'rows.tsv'", "spark"),
        ("1146 (42S02): Table 'millrace.full' doesn't exist", None),
        ("The topic shares is full of records that are not in MySQL yet", None),
        ("load 28 failed", None),
        ("[Errno 28] No space left on device", "spark"),
        ("ValueError: 'No space left on device' is no number", None),
        ("database or disk is full", "spark"),
    ],
)
def test_a_full_disk_is_known_by_what_is_told_of_it(said: str, machine: str | None) -> None:
    assert disk_full_of(said, "spark") == (machine and disk_full(machine))


def test_what_has_no_room_is_not_what_is_missing() -> None:
    assert is_disk_full(OSError(errno.ENOSPC, "No space left on device"))
    assert is_disk_full(OSError(errno.EDQUOT, "Disk quota exceeded"))
    assert not is_disk_full(OSError(errno.ENOENT, "No such file or directory"))


@pytest.mark.parametrize(("free", "said"), [(10_000_000, FULL), (10**9, None)])
def test_a_broker_that_has_ended_for_want_of_room_is_told_so(
    free: int, said: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "KAFKA_DATA", tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: SimpleNamespace(free=free))
    with pytest.raises(Refused) as refused:
        Broker(KafkaAccount(address="127.0.0.1:1"), timeout_ms=300).topics()
    silent = "Kafka at 127.0.0.1:1 does not answer (KafkaTimeoutError); see `make status`, then try again."
    assert str(refused.value) == (said or silent)


def test_a_machine_without_a_broker_knows_nothing_of_its_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "KAFKA_DATA", tmp_path / "absent")
    assert connection.kafka_disk_full() is None


def test_the_brokers_folder_is_the_one_of_its_role() -> None:
    defaults = yaml.safe_load((CHECKOUT / "ansible" / "roles" / "kafka" / "defaults" / "main.yml").read_text())
    assert str(connection.KAFKA_DATA) == defaults["kafka_data"]
