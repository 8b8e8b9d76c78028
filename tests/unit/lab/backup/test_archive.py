"""An archive is whole and of a release that this one knows, or it is refused in one sentence."""

import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lab.backup.archive import FORMAT, HOST, LATER, MANIFEST, PARTS, Manifest, add, pack, release, unpack
from millrace.errors import Refused
from sql.migrate import revisions

KNOWN = Manifest("2026-11-28T20:00:00+00:00", release(), max(revisions()), 7, ["shop"], {"shop": "old"}, {"cart": 3})


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    parts = tmp_path / "parts"
    parts.mkdir()
    for name in PARTS:
        (parts / name).write_bytes(f"content of {name}".encode() * 1000)
    target = tmp_path / "millrace-1.tar"
    pack(target, KNOWN, parts)
    return target


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


def rewritten(archive: Path, change: Callable[[dict[str, Any]], None], without: str = "") -> Path:
    """The archive with another manifest, and without a part."""
    target = archive.with_name("changed.tar")
    with tarfile.open(archive) as old, tarfile.open(target, "w") as new:
        for entry in old:
            content = old.extractfile(entry)
            assert content
            text = content.read()
            if entry.name == MANIFEST:
                known = json.loads(text)
                change(known)
                text = json.dumps(known).encode()
            if entry.name != without:
                add(new, entry.name, text)
    return target


def test_what_was_packed_comes_out(archive: Path, out: Path) -> None:
    found = unpack(archive, out)
    assert (found.records, found.on, found.topics, found.unread) == (7, ["shop"], {"shop": "old"}, {"cart": 3})
    assert {file.name: file.read_bytes() for file in out.iterdir()} == {
        name: f"content of {name}".encode() * 1000 for name in PARTS
    }


def test_only_its_owner_reads_it_and_nothing_unfinished_stays(archive: Path) -> None:
    assert archive.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in archive.parent.glob(".*")] == []


def test_a_changed_byte_is_found(archive: Path, out: Path) -> None:
    content = bytearray(archive.read_bytes())
    content[content.index(b"content of mysql") + 40] ^= 1
    archive.write_bytes(content)
    with pytest.raises(Refused, match=r"mysql\.sql\.gz has another digest"):
        unpack(archive, out)


@pytest.mark.parametrize("length", [0, 100, 700, 5000, 40_000])
def test_one_that_was_cut_is_refused(archive: Path, out: Path, length: int) -> None:
    archive.write_bytes(archive.read_bytes()[:length])
    with pytest.raises(Refused, match=r"is no whole backup of a lab .*; nothing was changed"):
        unpack(archive, out)


@pytest.mark.parametrize("content", [b"no tar at all", b"PK\x03\x04 a zip"])
def test_another_file_is_refused(tmp_path: Path, out: Path, content: bytes) -> None:
    (tmp_path / "x.tar").write_bytes(content)
    with pytest.raises(Refused, match="no whole backup"):
        unpack(tmp_path / "x.tar", out)


def test_a_missing_part_is_named(archive: Path, out: Path) -> None:
    with pytest.raises(Refused, match=f"it has no {HOST}"):
        unpack(rewritten(archive, lambda _known: None, without=HOST), out)


@pytest.mark.parametrize(
    "newer",
    [{"migration": "9999"}, {"release": "99.0.0"}, {"format": FORMAT + 1}, {"format": FORMAT + 1, "a_later_key": 1}],
)
def test_a_newer_release_is_refused(archive: Path, out: Path, newer: dict[str, Any]) -> None:
    with pytest.raises(Refused, match=r"made by a newer release .* `git pull`; nothing was changed"):
        unpack(rewritten(archive, lambda known: known.update(newer)), out)
    assert list(out.iterdir()) == []


@pytest.mark.parametrize("older", [{"migration": "0001"}, {"release": "0.0.9"}, {"migration": ""}])
def test_an_older_one_is_taken(archive: Path, out: Path, older: dict[str, Any]) -> None:
    assert unpack(rewritten(archive, lambda known: known.update(older)), out).records == 7


def test_one_without_a_part_that_came_later_is_taken(archive: Path, out: Path) -> None:
    unpack(rewritten(archive, lambda known: known.update(format=1), without=LATER), out)
    assert sorted(file.name for file in out.iterdir()) == sorted({*PARTS} - {LATER})
