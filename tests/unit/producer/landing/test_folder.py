"""Landing folders: what is sent, what stays and why, and a kill at every step."""

import errno
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import pytest

from millrace.errors import Refused
from producer.files.send_file import send_spooled
from producer.files.spool import spool
from producer.kafka.journal import Journal
from producer.kafka.memory_topic import MemoryPublisher
from producer.kafka.shared_publisher import KeptPublisher
from producer.landing import file_moves, file_stability
from producer.landing import folder as landing_folder
from producer.landing.file_stability import is_finished
from producer.landing.folder import Landing, Look, Note
from tests.unit.producer.files.test_send_file import CONTRACT, Desk

GOOD = "Day,Item\n1,a\n2,b\n"


class Port(Desk):
    """A landing folder over a topic in memory."""

    def put(self, name: str, content: str = GOOD) -> Path:
        file = self.folder / name
        file.write_text(content)
        return file

    @property
    def landing(self) -> Landing:
        send = partial(send_spooled, CONTRACT, outlet=self.outlet, once=True)
        return Landing(self.folder, partial(spool, folder=self.folder.parent / "spool"), send)

    def look(self) -> Look:
        return self.landing.look()

    @property
    def identities(self) -> list[tuple[int, int]]:
        events = [orjson.loads(event) for event in self.broker.events]
        return sorted((event["source"], event["row"]) for event in events)

    def names(self, folder: str = "") -> list[str]:
        where = self.folder / folder
        return sorted(path.name for path in where.iterdir() if path.is_file()) if where.exists() else []


@pytest.fixture
def port(tmp_path: Path) -> Iterator[Port]:
    folder = tmp_path / "landing"
    folder.mkdir()
    journal = Journal(tmp_path / "journal.db")
    yield Port(folder, journal)
    journal.close()


def messages(look: Look) -> dict[str, str]:
    return {note.name: note.message for note in look.notes}


def test_a_finished_file_is_sent_and_archived(port: Port) -> None:
    port.put("x.csv")
    look = port.look()
    assert [result.sent for result in look.sent] == [2]
    assert [row for _, row in port.identities] == [1, 2]
    assert (port.names(), port.names("archive")) == ([], ["x.csv"])
    assert not port.look().did_something


def test_the_oldest_comes_first_and_hidden_files_are_not_ours(port: Port) -> None:
    for age, name in enumerate(("b.csv", "a.csv", "c.csv")):
        os.utime(port.put(name, f"Day,Item\n{name},1\n"), ns=(0, 1_000_000_000 * (10 - age)))
    port.put(".c.csv.partial", "Day")
    assert [result.name for result in port.look().sent] == ["c.csv", "a.csv", "b.csv"]
    assert port.names() == [".c.csv.partial"]


def test_a_taken_name_gets_a_number(port: Port) -> None:
    for content in ("1,a", "1,a", "1,a"):
        port.put("x.tar.csv", f"Day,Item\n{content}\n")
        port.look()
    assert port.names("archive") == ["x-2.tar.csv", "x-3.tar.csv", "x.tar.csv"]
    assert len(port.identities) == 1


def test_a_refused_file_lies_in_quarantine_with_its_reason(port: Port, caplog: pytest.LogCaptureFixture) -> None:
    port.put("x.csv", "Day\n1\n")
    port.put("y.csv")
    assert port.look().refused == ["x.csv"]
    assert port.names("quarantine") == ["x.csv", "x.csv.reason"]
    reason = (port.folder / "quarantine" / "x.csv.reason").read_text()
    assert reason == "x.csv: the column Item of shop is missing; known are Day.\n"
    assert port.names("archive") == ["y.csv"]
    assert any("x.csv is refused and lies in" in record.message for record in caplog.records)


def test_other_content_of_a_known_name_is_refused_with_the_way_out(port: Port) -> None:
    port.put("x.csv")
    port.look()
    port.put("x.csv", "Day,Item\n9,z\n")
    port.look()
    assert (port.folder / "quarantine" / "x.csv.reason").read_text() == (
        "A file x.csv with other content was sent to shop before; send it with `make send FEED=shop FILE=… AS_NEW=1` "
        "if both count, or with REPLACE=1 if this one takes its place.\n"
    )


def test_a_file_that_is_written_waits_until_it_is_closed(port: Port, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with (port.folder / "x.csv").open("w") as writer:
        writer.write("Day,Item\n1,a\n")
        writer.flush()
        assert messages(port.look()) == {"x.csv": "it is still being written"}
        assert port.identities == []
        writer.write("2,b\n")
        port.look()
    assert [record.message for record in caplog.records].count(
        "x.csv stays in the landing folder: it is still being written"
    ) == 1
    assert len(port.look().sent) == 1
    assert len(port.identities) == 2
    assert port.landing.notes() == []


def test_a_file_that_changes_while_it_is_copied_waits(port: Port) -> None:
    file = port.put("x.csv")
    land = port.landing

    def copy(path: Path) -> Any:
        spooled = spool(path, port.folder.parent / "spool")
        with file.open("a") as writer:
            writer.write("3,c\n")
        return spooled

    land.copy = copy
    assert messages(land.look()) == {"x.csv": "it is still being written"}
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
    assert messages(land.look()) == {"x.csv": "it was written to after it had been sent"}
    assert port.names() == [".notes", "x.csv"]
    port.look()
    assert port.names("quarantine") == ["x.csv", "x.csv.reason"]


def test_what_is_no_file_stays_and_the_others_go_on(port: Port) -> None:
    (port.folder / "folder").mkdir()
    (port.folder / "link.csv").symlink_to("/etc/hostname")
    os.mkfifo(port.folder / "pipe")
    port.put("x.csv")
    look = port.look()
    assert messages(look) == {
        "folder": "it is a folder; put single files here",
        "link.csv": "it is a link; put the file itself here",
        "pipe": "it is no file with content; remove it",
    }
    assert len(look.sent) == 1
    assert {note.name for note in port.landing.notes()} == {"folder", "link.csv", "pipe"}
    (port.folder / "folder").rmdir()
    assert set(messages(port.look())) == {"link.csv", "pipe"}


def test_an_unreadable_file_stays_and_the_others_go_on(port: Port, monkeypatch: pytest.MonkeyPatch) -> None:
    port.put("x.csv")
    port.put("y.csv", "Day,Item\n7,a\n")
    real = os.open

    def denied(path: Any, flags: int, *more: Any, **options: Any) -> int:
        if str(path).endswith("x.csv"):
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(path, flags, *more, **options)

    monkeypatch.setattr(landing_folder.os, "open", denied)
    look = port.look()
    assert messages(look) == {"x.csv": "the user millrace may not read it; `chmod a+r` it"}
    assert [result.name for result in look.sent] == ["y.csv"]


def test_a_full_disk_keeps_the_file_and_sends_it_once(port: Port, monkeypatch: pytest.MonkeyPatch) -> None:
    port.put("x.csv")

    def full(_path: Path, _to: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", full)
        look = port.look()
        assert messages(look) == {
            "x.csv": "it is sent, but cannot be moved to archive/ (No space left on device); nothing is sent twice"
        }
        port.look()
    assert len(port.identities) == 2
    port.look()
    assert (port.names("archive"), len(port.identities)) == (["x.csv"], 2)


def test_a_full_spool_keeps_the_file_and_the_others_go_on(port: Port) -> None:
    port.put("big.csv")
    port.put("x.csv", "Day,Item\n7,a\n")
    land = port.landing
    copy = land.copy

    def full(path: Path) -> Any:
        if path.name == "big.csv":
            raise Refused("big.csv cannot be copied: No space left on device.")
        return copy(path)

    land.copy = full
    look = land.look()
    assert messages(look) == {"big.csv": "big.csv cannot be copied: No space left on device."}
    assert [result.name for result in look.sent] == ["x.csv"]


def test_an_archive_on_another_disk_gets_a_whole_copy(port: Port, monkeypatch: pytest.MonkeyPatch) -> None:
    port.put("x.csv")
    real = Path.rename

    def elsewhere(path: Path, to: Path) -> Path:
        if to.parent.name == "archive":
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        return real(path, to)

    monkeypatch.setattr(Path, "rename", elsewhere)
    port.look()
    assert (port.folder / "archive" / "x.csv").read_text() == GOOD
    assert (port.names(), port.names("archive")) == ([], ["x.csv"])


def test_nothing_is_moved_while_kafka_is_away_and_it_is_told_once(port: Port) -> None:
    port.put("x.csv")
    port.broker.fail_after = 0
    for _ in range(2):
        with pytest.raises(Refused, match="stopped answering"):
            port.look()
    assert port.landing.notes() == [Note("", "trouble", "Kafka in memory stopped answering; send again.")]
    port.broker.fail_after = None
    port.look()
    assert (port.names(), port.names("archive"), len(port.identities)) == ([], ["x.csv"], 2)


class Killed(BaseException):
    """The process ends here."""


def killing(real: Callable[..., Any], *, after: bool) -> Callable[..., Any]:
    def call(*arguments: Any, **options: Any) -> Any:
        if after:
            real(*arguments, **options)
        raise Killed

    return call


STEPS = [
    (landing_folder, "is_finished"),
    (landing_folder, "stamp"),
    (landing_folder, "move"),
    (landing_folder, "write_whole"),
    (file_moves.Path, "rename"),
    (file_moves, "free_name"),
    (Journal, "put"),
    (Journal, "acknowledge"),
    (Journal, "finish"),
    (MemoryPublisher, "publish"),
    (MemoryPublisher, "close"),
]


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("step", STEPS, ids=lambda step: f"{getattr(step[0], '__name__', step[0])}.{step[1]}")
@pytest.mark.parametrize("content", [GOOD, "Day\n1\n"], ids=["good", "refused"])
def test_a_kill_at_any_step_loses_nothing(
    port: Port, monkeypatch: pytest.MonkeyPatch, content: str, step: tuple[Any, str], after: bool
) -> None:
    port.put("x.csv", content)
    (port.folder / "a folder").mkdir()
    with monkeypatch.context() as patch:
        patch.setattr(*step, killing(getattr(*step), after=after))
        with suppress(Killed):
            port.look()
    port.look()
    if content == GOOD:
        assert sorted(set(port.identities)) == [(port.identities[0][0], 1), (port.identities[0][0], 2)]
        assert (port.names("archive"), port.names("quarantine")) == (["x.csv"], [])
    else:
        assert port.identities == []
        assert (port.names("archive"), port.names("quarantine")) == ([], ["x.csv", "x.csv.reason"])
    assert port.names() == [".notes"]
    assert [note.name for note in port.landing.notes()] == ["a folder"]


def test_two_looks_at_once_send_once(port: Port) -> None:
    for number in range(20):
        port.put(f"{number}.csv", f"Day,Item\n{number},a\n")
    child = os.fork()
    if child == 0:
        os._exit(0 if port.look() else 1)
    port.look()
    assert os.waitpid(child, 0)[1] == 0
    assert port.names("archive") == sorted(f"{number}.csv" for number in range(20))
    assert port.names() == []


def test_without_leases_a_file_must_be_quiet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_leases(_descriptor: int) -> None:
        raise OSError(errno.EINVAL, "Invalid argument")

    monkeypatch.setattr(file_stability, "_with_lease", no_leases)
    file = tmp_path / "x"
    with file.open("w") as writer:
        assert not is_finished(writer.fileno())
        os.utime(file, (0, file_stability.time.time() - 6))
        assert is_finished(writer.fileno())
        os.utime(file, (0, file_stability.time.time() + 3600))
        assert is_finished(writer.fileno())


def test_a_publisher_is_kept_while_all_is_acknowledged() -> None:
    made: list[MemoryPublisher] = []

    def make() -> MemoryPublisher:
        made.append(MemoryPublisher(fail_after=2))
        return made[-1]

    kept = KeptPublisher(make)
    kept.publish(0, [b"a"])
    kept.close()
    kept.publish(0, [b"b"])
    kept.close()
    assert (len(made), made[0].closed) == (1, False)
    kept.publish(0, [b"c"])
    kept.close()
    assert made[0].closed
    kept.publish(0, [b"d"])
    kept.end()
    assert (len(made), made[1].closed) == (2, True)
