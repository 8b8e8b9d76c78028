"""What stays in a landing folder and why, while the other files go on."""

import errno
import logging
import os
from pathlib import Path
from typing import Any

import pytest

from millrace.errors import Refused
from producer.files.spool import spool
from producer.landing import landing_scan
from tests.unit.producer.landing.port import Port, messages


def test_a_file_that_is_written_waits_until_it_is_closed(port: Port, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with (port.folder / "x.csv").open("w") as writer:
        writer.write("Day,Item\n1,a\n")
        writer.flush()
        assert messages(port.scan()) == {"x.csv": "it is still being written"}
        assert port.identities == []
        writer.write("2,b\n")
        port.scan()
    assert [record.message for record in caplog.records].count(
        "x.csv stays in the landing folder: it is still being written"
    ) == 1
    assert len(port.scan().sent) == 1
    assert len(port.identities) == 2
    assert port.landing.notes() == []


def test_a_file_that_changes_while_it_is_copied_waits(port: Port) -> None:
    file = port.put("x.csv")
    land = port.landing

    def copy(path: Path, descriptor: int) -> Any:
        spooled = spool(path, port.folder.parent / "spool", descriptor=descriptor)
        with file.open("a") as writer:
            writer.write("3,c\n")
        return spooled

    land.copy = copy
    assert messages(land.scan()) == {"x.csv": "it is still being written"}
    assert port.identities == []
    assert list((port.folder.parent / "spool").iterdir()) == []


def test_a_file_that_changes_after_it_was_sent_stays(port: Port) -> None:
    file = port.put("x.csv")
    land = port.landing
    send = land.send

    def slow(spooled: Any) -> Any:
        result = send(spooled)
        with file.open("a") as writer:
            writer.write("3,c\n")
        return result

    land.send = slow
    assert messages(land.scan()) == {"x.csv": "it was written to after it had been sent"}
    assert port.names() == ["x.csv"]
    port.scan()
    assert port.names("quarantine") == ["x.csv", "x.csv.reason"]


def test_what_is_no_file_stays_and_the_others_go_on(port: Port) -> None:
    (port.folder / "folder").mkdir()
    (port.folder / "link.csv").symlink_to("/etc/hostname")
    os.mkfifo(port.folder / "pipe")
    port.put("x.csv")
    scan = port.scan()
    assert messages(scan) == {
        "folder": "it is a folder; put single files here",
        "link.csv": "it is a link; put the file itself here",
        "pipe": "it is no file with content; remove it",
    }
    assert len(scan.sent) == 1
    assert {note.name for note in port.landing.notes()} == {"folder", "link.csv", "pipe"}
    (port.folder / "folder").rmdir()
    assert set(messages(port.scan())) == {"link.csv", "pipe"}


def test_an_unreadable_file_stays_and_the_others_go_on(port: Port, monkeypatch: pytest.MonkeyPatch) -> None:
    port.put("x.csv")
    port.put("y.csv", "Day,Item\n7,a\n")
    real = os.open

    def denied(path: Any, flags: int, *more: Any, **options: Any) -> int:
        if str(path).endswith("x.csv"):
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(path, flags, *more, **options)

    monkeypatch.setattr(landing_scan.os, "open", denied)
    scan = port.scan()
    assert messages(scan) == {"x.csv": "the user millrace may not read it; `chmod a+r` it"}
    assert [result.name for result in scan.sent] == ["y.csv"]


def test_a_full_disk_keeps_the_file_and_sends_it_once(port: Port, monkeypatch: pytest.MonkeyPatch) -> None:
    port.put("x.csv")

    def full(_path: Path, _to: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", full)
        scan = port.scan()
        assert messages(scan) == {
            "x.csv": "it is sent, but cannot be moved to archive/ (No space left on device); nothing is sent twice"
        }
        port.scan()
    assert len(port.identities) == 2
    port.scan()
    assert (port.names("archive"), len(port.identities)) == (["x.csv"], 2)


def test_a_full_spool_keeps_the_file_and_the_others_go_on(port: Port) -> None:
    port.put("big.csv")
    port.put("x.csv", "Day,Item\n7,a\n")
    land = port.landing
    copy = land.copy

    def full(path: Path, descriptor: int) -> Any:
        if path.name == "big.csv":
            raise Refused("big.csv cannot be copied: No space left on device.")
        return copy(path, descriptor)

    land.copy = full
    scan = land.scan()
    assert messages(scan) == {"big.csv": "big.csv cannot be copied: No space left on device."}
    assert [result.name for result in scan.sent] == ["x.csv"]
