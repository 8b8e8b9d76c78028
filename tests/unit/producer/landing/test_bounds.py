"""What a landing folder keeps is bounded: the oldest sent files go, refused ones never do."""

import errno
import os
from pathlib import Path

import pytest

from millrace.errors import disk_full
from producer.landing import landing_scan
from producer.landing.folder_bounds import Bound, is_full, make_room
from producer.landing.landing_scan import Scan
from tests.unit.producer.landing.port import Port, messages

MUCH = 1 << 30


def put(folder: Path, name: str, size: int = 1) -> Path:
    """A file that came after those before, whatever the clock's grain is."""
    folder.mkdir(exist_ok=True)
    file = folder / name
    file.write_bytes(b"x" * size)
    before = max((each.stat().st_ctime_ns for each in folder.parent.glob("*/*") if each != file), default=0)
    while file.stat().st_ctime_ns <= before:
        file.chmod(0o600)
    return file


@pytest.mark.parametrize(
    ("bound", "left"),
    [
        (Bound(MUCH), ["1", "2", "3", "4"]),
        (Bound(MUCH, most_files=2), ["3", "4"]),
        (Bound(40_000), ["4"]),
        (Bound(0), []),
    ],
)
def test_the_oldest_files_of_all_folders_go_first(tmp_path: Path, bound: Bound, left: list[str]) -> None:
    folders = [tmp_path / "a", tmp_path / "b"]
    for number, (index, size) in enumerate([(0, 30_000), (1, 30_000), (0, 30_000), (1, 30_000)], start=1):
        put(folders[index], str(number), size)
    (folders[0] / "mine").mkdir()
    assert make_room([*folders, tmp_path / "absent"], bound) == 4 - len(left)
    assert sorted(path.name for path in tmp_path.glob("?/?")) == left
    assert (folders[0] / "mine").is_dir()


def test_what_a_small_file_takes_on_disk_counts(tmp_path: Path) -> None:
    file = put(tmp_path / "a", "small")
    taken = file.stat().st_blocks * 512
    assert taken > 1
    assert not is_full([tmp_path / "a"], Bound(taken + 1))
    assert is_full([tmp_path / "a"], Bound(taken))
    assert is_full([tmp_path / "a"], Bound(MUCH, most_files=1))


def test_a_refused_file_stays_while_quarantine_is_full(port: Port) -> None:
    landing = port.landing
    landing.is_full = lambda: True
    port.put("bad.csv", "Nothing\n1\n")
    port.put("good.csv")
    notices = messages(landing.scan())
    assert list(notices) == ["bad.csv"]
    assert notices["bad.csv"].startswith(
        "it is refused, and quarantine/ is full; look at what is there, and empty it: "
    )
    assert (port.names(), port.names("archive"), port.names("quarantine")) == (
        ["bad.csv"],
        ["good.csv"],
        [".notes"],
    )
    assert messages(port.scan()) == {}
    assert port.names("quarantine") == ["bad.csv", "bad.csv.reason"]


def test_a_file_that_goes_meanwhile_is_no_trouble(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path / "a", "1")
    monkeypatch.setattr(os, "unlink", lambda _path: (_ for _ in ()).throw(FileNotFoundError()))
    assert make_room([tmp_path / "a"], Bound(0)) == 1


def test_a_full_disk_is_told_though_it_takes_no_note(port: Port, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    monkeypatch.setattr(landing_scan, "write_whole", full)
    port.put("x.csv")
    landing = port.landing
    assert messages(landing.scan()) == {"x.csv": f"x.csv was not sent. {disk_full('kafka')}"}
    assert messages(Scan(notes=landing.notes())) == messages(landing.scan())
    monkeypatch.undo()
    assert len(landing.scan().sent) == 1
    assert landing.notes() == []
