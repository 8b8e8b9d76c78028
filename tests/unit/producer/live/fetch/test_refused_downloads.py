"""Files that are gone, far too large, damaged or empty: one sentence, and nothing is left."""

import gzip
import shutil
from types import SimpleNamespace

import pytest

from millrace.whole_file import RESERVE
from producer.files import errors
from producer.live import download
from tests.unit.producer.live.fetch.desk import CONTENT, URL, Desk, remote, zipped
from tests.unit.producer.live.publisher_server import Reply

ZEROS = b"0" * 1_900_000
"""Allowed, and nearly nothing when packed."""


def test_a_circle_of_redirects_ends(desk: Desk) -> None:
    desk.publisher.answers(URL, Reply(b"", 302, {"Location": "{base}/data.example/files/Daily-2026-11-23.csv"}))
    assert "sends in circles" in desk.trouble()


@pytest.mark.parametrize("status", [404, 410])
def test_a_file_that_has_moved_says_where_to_look(desk: Desk, status: int) -> None:
    desk.publisher.answers(URL, Reply(b"", status))
    assert "nothing at that address any more" in (said := desk.trouble())
    assert "https://data.example/about" in said
    assert len(desk.publisher.asked) == 1


def test_no_internet_is_one_sentence(desk: Desk) -> None:
    desk.publisher.base = "http://127.0.0.1:9"
    assert desk.trouble() == "127.0.0.1:9 cannot be reached (no connection): is there Internet?"
    desk.publisher.base = "http://nowhere.invalid"
    assert "its name is not known here" in desk.trouble()


def test_a_server_without_tls_is_not_trusted(desk: Desk) -> None:
    desk.publisher.base = desk.publisher.base.replace("http:", "https:")
    said = desk.trouble()
    assert said.startswith("The certificate of 127.0.0.1")


@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_more_than_is_allowed_is_refused(desk: Desk, framing: str) -> None:
    desk.publisher.answers(URL, Reply(b"0" * 3_000_000, framing=framing))  # type: ignore[arg-type]
    assert "more than 2 MB, which is most_mb" in desk.trouble()
    assert desk.seen == [] or framing == "chunked"


def test_a_bomb_is_refused_while_it_unpacks(desk: Desk) -> None:
    desk.publisher.answers(URL, Reply(gzip.compress(b"0" * 50_000_000)))
    assert "Unpacked it is larger than 2 MB" in desk.trouble()
    desk.publisher.answers(URL, Reply(zipped(bomb__csv=b"0" * 50_000_000)))
    assert "Unpacked it is larger than 2 MB" in desk.trouble()


PACKED = {"gzip": gzip.compress(ZEROS), "zip": zipped(bomb__csv=ZEROS)}


@pytest.mark.parametrize("packed", PACKED.values(), ids=PACKED)
def test_what_is_far_larger_than_a_packed_table_is_refused(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, packed: bytes
) -> None:
    desk.publisher.answers(URL, Reply(packed))
    monkeypatch.setattr(errors, "SMALL", 1 << 20)
    begins = f"The packed file of {len(packed):,} bytes unpacks to "
    assert (said := desk.trouble()).startswith(begins) and said.endswith(" and more: that is no table.")
    assert list(desk.folder.iterdir()) == []
    monkeypatch.setattr(errors, "SMALL", len(ZEROS))
    assert desk.content() == ZEROS


def test_a_table_that_packs_well_is_not_refused(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errors, "SMALL", 1 << 20)
    table = b"".join(b"%d;Paris;Lyon;2026-11-23;;;;;0;0;0;0\r\n" % (n // 4) for n in range(45_000))
    packed = gzip.compress(table)
    assert len(packed) * 40 < len(table) < 2_000_000, "better than any publisher's"
    desk.publisher.answers(URL, Reply(packed))
    assert desk.content() == table


@pytest.mark.parametrize("packed", PACKED.values(), ids=PACKED)
@pytest.mark.parametrize(("room", "fits"), [(3_000_000, True), (1_000_000, False)])
def test_what_is_unpacked_leaves_others_of_the_disk_a_reserve(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, packed: bytes, room: int, fits: bool
) -> None:
    def disk_usage(_folder: object) -> SimpleNamespace:
        return SimpleNamespace(free=RESERVE + room - sum(file.stat().st_size for file in desk.folder.iterdir()))

    monkeypatch.setattr(shutil, "disk_usage", disk_usage)
    desk.publisher.answers(URL, Reply(packed))
    if fits:
        assert desk.content() == ZEROS
    else:
        assert desk.trouble() == f"The disk under {desk.folder} is nearly full; make room and fetch again."
        assert list(desk.folder.iterdir()) == []


def test_a_zip_without_the_wanted_file_names_what_it_holds(desk: Desk) -> None:
    desk.publisher.answers(URL, Reply(zipped(readme__txt=b"see")))
    assert desk.trouble(remote(member="*.csv")) == "no file in the zip fit '*.csv'; it holds readme.txt."
    desk.publisher.answers(URL, Reply(zipped(a__csv=b"1", b__csv=b"2")))
    assert "2 files in the zip fit" in desk.trouble(remote(member="*.csv"))


def test_a_damaged_zip_is_refused(desk: Desk) -> None:
    packed = bytearray(zipped(a__csv=CONTENT))
    packed[len(packed) // 2] ^= 0xFF
    desk.publisher.answers(URL, Reply(bytes(packed)))
    assert "damaged or cut off" in desk.trouble(remote(member="*.csv"))
    desk.publisher.answers(URL, Reply(bytes(packed[: len(packed) // 2]), framing="none"))
    assert "damaged or cut off" in desk.trouble(remote(member="*.csv"))


def test_an_empty_file_and_an_unknown_compression_are_refused(desk: Desk) -> None:
    desk.publisher.answers(URL, Reply(b""))
    assert "is empty" in desk.trouble()
    desk.publisher.answers(URL, Reply(b"?", headers={"Content-Encoding": "br"}))
    assert "compresses by br" in desk.trouble()


def test_a_full_disk_is_one_sentence_and_leaves_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "RESERVE", 1 << 60)
    desk.publisher.answers(URL, Reply(CONTENT))
    assert "is nearly full" in desk.trouble()
    assert list(desk.folder.iterdir()) == []
