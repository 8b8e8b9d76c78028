"""Each send has its own copy in the spool, and removes nobody else's."""

import errno
import gzip
import os
import subprocess
from pathlib import Path

import pytest

from millrace import whole_file
from millrace.errors import Refused, disk_full
from millrace.lab_files import CHECKOUT
from producer.files import errors
from producer.files.errors import Unusable
from producer.files.spool import spool


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "x.csv"
    made.write_bytes(b"Day,Item\n1,a\n")
    return made


def test_two_sends_of_one_content_have_a_copy_each(file: Path, tmp_path: Path) -> None:
    packed = tmp_path / "x.csv.gz"
    packed.write_bytes(gzip.compress(file.read_bytes()))
    first, second, unpacked = (spool(path, tmp_path / "spool") for path in (file, file, packed))
    assert first.sha256 == second.sha256 == unpacked.sha256
    first.discard()
    for each in (second, unpacked):
        assert each.path.read_bytes() == file.read_bytes()
        each.discard()
    assert list((tmp_path / "spool").iterdir()) == []


def test_what_ended_processes_left_behind_is_removed_and_nothing_else(file: Path, tmp_path: Path) -> None:
    folder = tmp_path / "spool"
    folder.mkdir()
    ended = subprocess.Popen(["true"])
    ended.wait()
    kept = {f"{os.getpid()}-70", f"{os.getppid()}-1.partial", "somebody's"}
    for name in (f"{ended.pid}-1", f"{ended.pid}-2.partial", *kept):
        (folder / name).touch()
    copy = spool(file, folder)
    assert {path.name for path in folder.iterdir()} == kept | {copy.path.name}


def test_a_full_disk_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    file = tmp_path / "x.csv"
    file.write_text("Day,Item\n1,a\n")
    with pytest.raises(Refused) as refused:
        spool(file, tmp_path / "spool")
    assert str(refused.value) == f"x.csv was not sent. {disk_full('kafka')}"
    assert list((tmp_path / "spool").iterdir()) == []


def test_a_file_that_is_held_open_is_read_whatever_stands_under_its_name_by_now(file: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("Day,Item\n9,z\n")
    with file.open("rb") as held:
        file.unlink()
        file.symlink_to(tmp_path / "secret")
        copy = spool(file, tmp_path / "spool", descriptor=held.fileno())
    assert copy.path.read_bytes() == b"Day,Item\n1,a\n"


def test_what_unpacks_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errors, "SMALL", 3 << 20)
    packed = tmp_path / "x.csv.gz"
    packed.write_bytes(gzip.compress(bytes(20 << 20)))
    with pytest.raises(Unusable, match=r"^The gzip file of [\d,]+ bytes unpacks to [\d,]+ and more: that is no table"):
        spool(packed, tmp_path / "spool")
    assert list((tmp_path / "spool").iterdir()) == []
    packed.write_bytes(gzip.compress(bytes(2 << 20)))
    assert spool(packed, tmp_path / "spool").size == 2 << 20


def test_docs_say_how_much_may_come_out_of_a_file() -> None:
    docs = CHECKOUT / "docs"
    most = f"{errors.MOST_UNPACKED / (1 << 30):g} GB"
    assert f"holds may be {most}." in (docs / "feeds.md").read_text()
    assert f"unpacks to more than {most} is refused" in (docs / "operating.md").read_text()


@pytest.mark.parametrize("size", [5 << 20, (4 << 20) + 1])
def test_what_unpacks_to_more_than_the_spool_takes_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(errors, "MOST_UNPACKED", 4 << 20)
    packed = tmp_path / "x.csv.gz"
    packed.write_bytes(gzip.compress(bytes(size)))
    with pytest.raises(Unusable) as refused:
        spool(packed, tmp_path / "spool")
    assert str(refused.value) == (
        f"The gzip file of {packed.stat().st_size:,} bytes unpacks to more than {errors.MOST_UNPACKED >> 30} GB; "
        "send it in parts, which `millrace split` makes of a text."
    )
    assert list((tmp_path / "spool").iterdir()) == []
    packed.write_bytes(gzip.compress(bytes(4 << 20)))
    assert spool(packed, tmp_path / "spool").size == 4 << 20
    plain = tmp_path / "x.csv"
    plain.write_bytes(bytes(size))
    assert spool(plain, tmp_path / "spool").size == size, "what is not packed takes the room that it had"


def test_a_copy_leaves_others_of_the_disk_a_reserve(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whole_file, "RESERVE", 1 << 60)
    with pytest.raises(Refused) as refused:
        spool(file, tmp_path / "spool")
    assert str(refused.value) == f"x.csv was not sent. {disk_full('kafka')}"
    assert list((tmp_path / "spool").iterdir()) == []
