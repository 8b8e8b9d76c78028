"""Kafka loses records of files that were sent and archived: they are sent again, or named."""

import gzip
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from millrace.errors import Refused
from producer.files import send_file
from producer.files.spool import Spooled, spool
from producer.kafka.held_records import HeldRecords
from producer.kafka.journal import Journal
from producer.landing import lost_files
from producer.landing.lost_files import LostFiles
from tests.unit.producer.files.desk import CONTRACT, many
from tests.unit.producer.landing.port import GOOD, Port
from tests.unit.producer.memory_kafka import unsealed

ANOTHERS = b"another's"


@dataclass
class Harbour:
    """A landing folder whose topic loses records, and what is asked meanwhile."""

    port: Port
    loaded: set[str] = field(default_factory=set)
    asked: int = 0

    def land(self, name: str, content: str = GOOD) -> None:
        self.port.put(name, content)
        assert not self.port.scan().refused

    def land_all(self, names: str, lines: int) -> None:
        """A file of so many records for each letter."""
        for name in names:
            self.land(f"{name}.csv", "Day,Item\n" + "".join(f"{name},{number}\n" for number in range(1, lines + 1)))

    def send_and_take_away(self, *names: str) -> None:
        """Files that have left archive/, and of which Kafka was seen to hold all."""
        for name in names:
            self.land(name, f"Day,Item\n{name},1\n")
            (self.port.folder / "archive" / name).unlink()
        assert self.look() == []

    def lose(self, kept: int, partition: int = 0) -> None:
        del self.port.broker.partitions[partition][kept:]

    def look(self, copy: Callable[[Path], Spooled] | None = None) -> list[str]:
        held = HeldRecords(self.port, self.port)

        def holds(feed: str, source: int, position: object) -> bool:
            self.asked += 1
            return held(feed, source, position)  # type: ignore[arg-type]

        return LostFiles(
            CONTRACT,
            self.port.folder / "archive",
            copy or (lambda path: spool(path, self.port.folder.parent / "spool")),
            replace(self.port.outlet, holds=holds),
            lambda entry: entry.name in self.loaded,
        ).send_again()

    def questions(self) -> int:
        before = self.asked
        assert self.look() == []
        return self.asked - before

    @property
    def rows(self) -> list[int]:
        ours = (unsealed(event) for event in self.port.broker.events if event != ANOTHERS)
        return sorted({event["row"] for event in ours})


@pytest.fixture
def harbour(port: Port) -> Harbour:
    return Harbour(port)


@pytest.mark.parametrize("others", [0, 5_000], ids=["a topic that ended", "others have written since"])
@pytest.mark.parametrize("looks", [0, 1], ids=["never looked at", "looked at before"])
def test_what_was_lost_of_an_archived_file_is_sent_again(harbour: Harbour, others: int, looks: int) -> None:
    harbour.land("before.csv")
    harbour.land("x.csv", many(3_000))
    assert [harbour.look() for _ in range(looks)] == [[]] * looks
    harbour.lose(500)
    harbour.port.broker.publish(0, [ANOTHERS] * others)
    assert harbour.look() == []
    assert harbour.rows == list(range(1, 3_001))
    there = len(harbour.port.broker.events)
    assert harbour.look() == []
    assert len(harbour.port.broker.events) == there


def test_a_quiet_look_asks_for_the_last_record_of_each_partition(harbour: Harbour) -> None:
    for number in range(30):
        harbour.land(f"{number}.csv", f"Day,Item\n{number},a\n")
    assert harbour.questions() == 30
    assert harbour.questions() == 1
    harbour.land("x.csv", many(2_500))
    assert harbour.questions() == 2 + 1, "those of the new file, and the last of the others"
    assert harbour.questions() == 2, "both partitions have something now"


def test_a_loss_is_found_though_what_came_later_stands(harbour: Harbour) -> None:
    """Files that landed where the lost ones had stood, and were looked at by nobody yet."""
    harbour.land_all("abc", 2)
    assert harbour.look() == []
    harbour.lose(2)
    harbour.land_all("de", 3)
    assert harbour.look() == []
    assert len(set(harbour.port.identities)) == 3 * 2 + 2 * 3


def test_what_no_longer_lies_in_the_archive_is_named_until_it_is_sent_or_loaded(harbour: Harbour) -> None:
    harbour.send_and_take_away("x.csv", "y.csv")
    harbour.lose(0)
    assert harbour.look() == harbour.look() == ["x.csv", "y.csv"]
    harbour.loaded.add("x.csv")
    assert harbour.look() == ["y.csv"]
    harbour.loaded.clear()
    assert harbour.look() == ["y.csv"], "what MySQL has is not asked for again"
    harbour.land("y.csv", "Day,Item\ny.csv,1\n")
    assert harbour.look() == []


def test_what_is_missed_is_named_though_others_stand_where_it_stood(harbour: Harbour) -> None:
    harbour.send_and_take_away("x.csv", "y.csv")
    harbour.lose(0)
    harbour.land("z.csv", "Day,Item\nz,1\nz,2\nz,3\n")
    assert [harbour.look() for _ in range(3)] == [["x.csv", "y.csv"]] * 3


def test_a_look_that_comes_to_nothing_is_made_up_for(harbour: Harbour, monkeypatch: pytest.MonkeyPatch) -> None:
    harbour.land_all("bc", 2)
    assert harbour.look() == []
    harbour.lose(0)
    harbour.land_all("de", 3)

    def refuse(*_: object, **__: object) -> None:
        raise Refused("Kafka is away.")

    with monkeypatch.context() as patch, pytest.raises(Refused, match="is away"):
        patch.setattr(lost_files, "send_spooled", refuse)
        harbour.look()
    assert harbour.look() == []
    assert len(set(harbour.port.identities)) == 2 * 2 + 2 * 3


def test_what_somebody_else_sends_meanwhile_is_left_to_them(harbour: Harbour) -> None:
    """Between the first look at the journal and the sending its entry has changed."""
    harbour.land("x.csv")
    harbour.lose(0)
    known = harbour.port.journal.named("shop", "x.csv")[0]

    def send_it_first(path: Path) -> Spooled:
        harbour.port.journal.put(replace(known, version=known.version + 7))
        return spool(path, harbour.port.folder.parent / "spool")

    assert harbour.look(send_it_first) == []
    assert harbour.port.events == []
    assert harbour.port.journal.named("shop", "x.csv")[0].version == known.version + 7
    assert list((harbour.port.folder.parent / "spool").iterdir()) == []


def test_another_content_of_that_name_is_not_taken_for_it(harbour: Harbour) -> None:
    harbour.land("x.csv")
    (harbour.port.folder / "archive" / "x.csv").write_text("Day,Item\n9,other\n")
    harbour.lose(0)
    assert harbour.look() == ["x.csv"]
    assert harbour.port.events == []
    assert list((harbour.port.folder.parent / "spool").iterdir()) == []


def test_a_file_is_found_by_its_content_under_the_name_it_has_in_the_archive(harbour: Harbour) -> None:
    archive = harbour.port.folder / "archive"
    harbour.land("x.csv", "Day,Item\n1,first\n")
    (archive / "x.csv").write_text("Day,Item\n9,other\n")
    (archive / "x-2.csv.gz").write_bytes(gzip.compress(b"Day,Item\n1,first\n"))
    harbour.lose(0)
    assert harbour.look() == []
    assert [event["data"]["Item"] for event in harbour.port.events] == ["first"]


def test_a_lost_version_comes_back_as_the_version_it_was(harbour: Harbour) -> None:
    """Of two that both count the older one stays the older; one that was replaced is not missed."""
    harbour.land("x.csv", "Day,Item\n1,old\n")
    old = harbour.port.journal.named("shop", "x.csv")[0]
    harbour.port.send("Day,Item\n1,new\n", again="as_new")
    harbour.lose(0)
    assert harbour.look() == ["x.csv"], "what `make send` sent lies in no archive"
    assert [(event["source"], event["version"]) for event in harbour.port.events] == [(old.source, old.version)]

    harbour.port.send("Day,Item\n1,newest\n", again="replace")
    harbour.lose(0)
    (harbour.port.folder / "archive" / "x.csv").unlink()
    assert harbour.look() == ["x.csv", "x.csv"], "the one that was replaced is not among the three"


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("step", ["put", "acknowledge", "finish"])
def test_a_send_that_is_killed_is_gone_on_with(harbour: Harbour, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    harbour.land("x.csv", many(3_000))
    harbour.lose(1_500)

    def kill(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(Journal, step, kill)
        harbour.look()
    assert harbour.look() == []
    assert harbour.rows == list(range(1, 3_001))
    assert [entry.state for entry in harbour.port.journal.all()] == ["sent"]


def test_one_that_no_longer_fits_the_contract_is_named(harbour: Harbour, monkeypatch: pytest.MonkeyPatch) -> None:
    harbour.land("x.csv")
    harbour.lose(0)

    def refuse(*_: object) -> None:
        raise send_file.Unusable("another contract")

    monkeypatch.setattr(send_file, "check_file", refuse)
    assert harbour.look() == ["x.csv"]


def test_a_loss_in_another_topic_of_that_name_is_none(harbour: Harbour) -> None:
    harbour.land("x.csv")
    harbour.lose(0)
    harbour.port.uuid = "second"
    assert harbour.look() == []


def test_a_topic_that_is_not_there_is_told(harbour: Harbour) -> None:
    harbour.port.uuid = None
    with pytest.raises(Refused, match="Kafka has no topic shop"):
        harbour.look()
