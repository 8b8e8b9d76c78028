"""Landing folders: what is sent and archived, refused, or kept while Kafka is away."""

import errno
import os
from pathlib import Path

import pytest

from millrace.errors import Refused
from producer.files.spool import Spooled
from producer.landing.landing_scan import Note
from tests.unit.producer.landing.port import GOOD, Port, messages


def test_a_finished_file_is_sent_and_archived(port: Port) -> None:
    port.put("x.csv")
    scan = port.scan()
    assert [result.sent for result in scan.sent] == [2]
    assert [row for _, row in port.identities] == [1, 2]
    assert (port.names(), port.names("archive")) == ([], ["x.csv"])
    assert not port.scan().did_something


def test_the_oldest_comes_first_and_hidden_files_are_not_ours(port: Port) -> None:
    for age, name in enumerate(("b.csv", "a.csv", "c.csv")):
        os.utime(port.put(name, f"Day,Item\n{name},1\n"), ns=(0, 1_000_000_000 * (10 - age)))
    port.put(".c.csv.partial", "Day")
    assert [result.name for result in port.scan().sent] == ["c.csv", "a.csv", "b.csv"]
    assert port.names() == [".c.csv.partial"]


def test_a_taken_name_gets_a_number(port: Port) -> None:
    for content in ("1,a", "1,a", "1,a"):
        port.put("x.tar.csv", f"Day,Item\n{content}\n")
        port.scan()
    assert port.names("archive") == ["x-2.tar.csv", "x-3.tar.csv", "x.tar.csv"]
    assert len(port.identities) == 1


def test_a_refused_file_lies_in_quarantine_with_its_reason(port: Port, caplog: pytest.LogCaptureFixture) -> None:
    port.put("x.csv", "Day\n1\n")
    port.put("y.csv")
    assert port.scan().refused == ["x.csv"]
    assert port.names("quarantine") == ["x.csv", "x.csv.reason"]
    reason = (port.folder / "quarantine" / "x.csv.reason").read_text()
    assert reason == "x.csv: the column Item of shop is missing; known are Day.\n"
    assert port.names("archive") == ["y.csv"]
    assert any("x.csv is refused and lies in" in record.message for record in caplog.records)


def test_other_content_of_a_known_name_is_refused_with_the_way_out(port: Port) -> None:
    port.put("x.csv")
    port.scan()
    port.put("x.csv", "Day,Item\n9,z\n")
    port.scan()
    assert (port.folder / "quarantine" / "x.csv.reason").read_text() == (
        "A file x.csv with other content was sent to shop before; send it with `make send FEED=shop FILE=… AS_NEW=1` "
        "if both count, or with REPLACE=1 if this one takes its place.\n"
    )


def test_an_archive_on_another_disk_gets_a_whole_copy(port: Port, monkeypatch: pytest.MonkeyPatch) -> None:
    port.put("x.csv")
    real = Path.rename

    def elsewhere(path: Path, to: Path) -> Path:
        if to.parent.name == "archive":
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        return real(path, to)

    monkeypatch.setattr(Path, "rename", elsewhere)
    port.scan()
    assert (port.folder / "archive" / "x.csv").read_text() == GOOD
    assert (port.names(), port.names("archive")) == ([], ["x.csv"])


def test_nothing_is_moved_while_kafka_is_away_and_it_is_told_once(port: Port) -> None:
    port.put("x.csv")
    port.broker.fail_after = 0
    for _ in range(2):
        with pytest.raises(Refused, match="stopped answering"):
            port.scan()
    assert port.landing.notes() == [Note("", "trouble", "Kafka in memory stopped answering; send again.")]
    port.broker.fail_after = None
    port.scan()
    assert (port.names(), port.names("archive"), len(port.identities)) == ([], ["x.csv"], 2)


def test_a_link_that_takes_the_place_of_a_file_is_not_followed(port: Port) -> None:
    secret = port.folder.parent / "secret"
    secret.write_text("Day,Item\n9,z\n")
    file = port.put("x.csv")
    land = port.landing
    spooled = land.copy

    def swapped(path: Path, descriptor: int) -> Spooled:
        file.unlink()
        file.symlink_to(secret)
        return spooled(path, descriptor)

    land.copy = swapped
    notices = messages(land.scan())
    assert [event["row"] for event in port.events] == [1, 2]
    assert "it is a link" in notices["x.csv"]
    assert secret.read_text() == "Day,Item\n9,z\n"


@pytest.mark.parametrize("folder", ["archive", "quarantine"])
def test_a_folder_that_leads_elsewhere_is_not_filed_into(port: Port, tmp_path: Path, folder: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (port.folder / folder).symlink_to(elsewhere)
    port.put("good.csv")
    port.put("bad.csv", "Day\n1\n")
    (why,) = messages(port.scan()).values()
    assert f"{folder}/ is somebody else's; remove it" in why
    assert list(elsewhere.iterdir()) == []
    assert port.names() == ["good.csv" if folder == "archive" else "bad.csv"]


def test_a_folder_of_another_user_is_not_filed_into(port: Port, monkeypatch: pytest.MonkeyPatch) -> None:
    port.put("x.csv")
    (port.folder / "archive").mkdir()
    monkeypatch.setattr(os, "geteuid", lambda: (port.folder / "archive").stat().st_uid + 1)
    assert "archive/ is somebody else's" in messages(port.scan())["x.csv"]
    assert port.names("archive") == []


def test_what_a_stranger_noted_is_not_read(port: Port) -> None:
    port.put(".notes", '[{"name": 1, "what": []}]')
    (port.folder / "a folder").mkdir()
    assert port.landing.notes() == []
    port.scan()
    assert [note.name for note in port.landing.notes()] == ["a folder"]
