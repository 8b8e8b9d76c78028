"""Files from publishers on loopback: broken off, redirected, packed, moved, far too large."""

import gzip
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from millrace.errors import Refused
from producer.live import download
from producer.live.data_sources import RemoteFile, Sources
from producer.live.errors import Trouble
from producer.live.fetch import Fetch, Fetched, file_name
from producer.live.http_client import Validators, open_client
from tests.unit.producer.live.publisher_server import Asked, Publisher, Reply, serving

URL = "https://data.example/files/Daily-2026-11-23.csv"
CONTENT = b"dep;jour;hosp\r\n" + b"".join(b"%02d;2026-11-23;%d\r\n" % (n % 95, n) for n in range(20_000))
NOTHING = Validators()


def remote(url: str = URL, **changes: object) -> RemoteFile:
    given = {"name": "daily", "what": "daily figures", "url": url, "format": "csv", "most_mb": 2}
    return RemoteFile.model_validate(given | changes)


SOURCES = Sources(publisher="Somebody", page="https://data.example/about", licence="free", files=(remote(),))


@dataclass
class Desk:
    """A fetch of one publisher's files into a temporary folder."""

    folder: Path
    publisher: Publisher
    client: httpx.Client
    slept: list[float] = field(default_factory=list)
    seen: list[tuple[int, int | None]] = field(default_factory=list)

    def fetch(self, of: RemoteFile | None = None, known: Validators = NOTHING) -> Fetched | None:
        progress = lambda here, total: self.seen.append((here, total))  # noqa: E731
        asking = Fetch(
            self.client, SOURCES, "hospital", self.folder, self.publisher.base, progress, sleep=self.slept.append
        )
        return asking.file(of or remote(), known)

    def content(self, of: RemoteFile | None = None) -> bytes:
        found = self.fetch(of)
        assert found is not None
        assert [path.name for path in self.folder.iterdir()] == [found.path.name], "nothing else is left in the spool"
        return found.path.read_bytes()

    def trouble(self, of: RemoteFile | None = None) -> str:
        with pytest.raises(Refused) as caught:
            self.fetch(of)
        assert not list(self.folder.glob("[!.]*")), "what is no file is not offered as one"
        return str(caught.value)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with serving() as publisher, open_client(seconds=2) as client:
        yield Desk(tmp_path / "spool", publisher, client)


def zipped(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "."), content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "reply",
    [
        Reply(CONTENT),
        Reply(CONTENT, framing="chunked"),
        Reply(CONTENT, framing="none"),
        Reply(CONTENT, packed=True),
        Reply(CONTENT, packed=True, framing="chunked"),
        Reply(gzip.compress(CONTENT)),
    ],
    ids=["length", "chunked", "no length", "gzip on the way", "gzip, chunked", "a gzip file"],
)
def test_a_file_arrives_as_it_is_published(desk: Desk, reply: Reply) -> None:
    desk.publisher.answers(URL, reply)
    assert desk.content() == CONTENT
    assert desk.seen[-1][0] == len(reply.to(Asked("", "", {}, {"Accept-Encoding": "gzip"})).body)


def test_redirects_are_followed_and_the_last_address_names_the_file(desk: Desk) -> None:
    stable = "https://www.data.example/r/63352e38"
    desk.publisher.answers(stable, Reply(b"", 302, {"Location": "{base}/data.example/files/Daily-2026-11-23.csv"}))
    desk.publisher.answers(URL, Reply(CONTENT))
    found = desk.fetch(remote(stable))
    assert found is not None
    assert found.path.name == "Daily-2026-11-23.csv"


def test_a_circle_of_redirects_ends(desk: Desk) -> None:
    desk.publisher.answers(URL, Reply(b"", 302, {"Location": "{base}/data.example/files/Daily-2026-11-23.csv"}))
    assert "sends in circles" in desk.trouble()


def test_what_has_not_changed_is_not_fetched(desk: Desk) -> None:
    desk.publisher.answers(URL, Reply(CONTENT, etag='"one"'))
    found = desk.fetch()
    assert found is not None
    assert found.validators == Validators('"one"')
    assert desk.fetch(known=found.validators) is None
    assert desk.publisher.asked[-1].headers["If-None-Match"] == '"one"'


def test_last_modified_does_where_there_is_no_etag(desk: Desk) -> None:
    day = "Mon, 23 Nov 2026 18:00:00 GMT"
    desk.publisher.decides(
        URL,
        lambda asked: (
            Reply(b"", 304)
            if asked.headers.get("If-Modified-Since") == day
            else Reply(CONTENT, headers={"Last-Modified": day})
        ),
    )
    found = desk.fetch()
    assert found is not None
    assert desk.fetch(known=found.validators) is None


@pytest.mark.parametrize("packed", [False, True])
def test_a_file_broken_off_goes_on_where_it_stopped(desk: Desk, packed: bool) -> None:
    whole = Reply(CONTENT, etag='"one"', ranges=True, packed=packed)
    cut = Reply(CONTENT, etag='"one"', ranges=True, packed=packed, cut=20_000)
    desk.publisher.answers(URL, cut, cut, whole)
    assert desk.content() == CONTENT
    ranges = [asked.headers.get("Range") for asked in desk.publisher.asked]
    assert ranges == [None, "bytes=20000-", "bytes=40000-"]
    assert {asked.headers.get("If-Range") for asked in desk.publisher.asked[1:]} == {'"one"'}


def test_a_kill_in_the_middle_goes_on_in_the_next_run(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "ATTEMPTS", 1)
    desk.publisher.answers(URL, Reply(CONTENT, etag='"one"', cut=50_000), Reply(CONTENT, etag='"one"', ranges=True))
    with pytest.raises(Trouble, match="broke off"):
        desk.fetch()
    assert desk.content() == CONTENT
    assert desk.publisher.asked[-1].headers["Range"] == "bytes=50000-"


def test_two_versions_are_never_joined(desk: Desk) -> None:
    newer = CONTENT.replace(b"2026-11-23", b"2026-11-24")
    desk.publisher.answers(
        URL, Reply(CONTENT, etag='"one"', ranges=True, cut=50_000), Reply(newer, etag='"two"', ranges=True)
    )
    assert desk.content() == newer


def test_without_a_validator_a_file_broken_off_begins_again(desk: Desk) -> None:
    desk.publisher.answers(URL, Reply(CONTENT, cut=50_000, ranges=True), Reply(CONTENT, ranges=True))
    assert desk.content() == CONTENT
    assert "Range" not in desk.publisher.asked[-1].headers


def test_a_weak_etag_does_not_join_parts(desk: Desk) -> None:
    desk.publisher.answers(URL, Reply(CONTENT, etag='W/"one"', cut=50_000), Reply(CONTENT, etag='W/"one"'))
    assert desk.content() == CONTENT
    assert "Range" not in desk.publisher.asked[-1].headers


def test_another_part_than_was_asked_for_begins_again(desk: Desk) -> None:
    wrong = Reply(CONTENT[10:], 206, {"Content-Range": f"bytes 10-{len(CONTENT) - 1}/{len(CONTENT)}"})
    desk.publisher.answers(URL, Reply(CONTENT, etag='"one"', cut=50_000), wrong, Reply(CONTENT, etag='"one"'))
    assert desk.content() == CONTENT


def test_a_rest_that_is_no_longer_there_begins_again(desk: Desk) -> None:
    desk.publisher.answers(
        URL, Reply(CONTENT, etag='"one"', cut=50_000), Reply(b"", 416), Reply(CONTENT[:30_000], etag='"two"')
    )
    assert desk.content() == CONTENT[:30_000]


def test_a_chunked_body_broken_off_is_noticed(desk: Desk) -> None:
    desk.publisher.answers(URL, Reply(CONTENT, framing="chunked", cut=50_000), Reply(CONTENT, framing="chunked"))
    assert desk.content() == CONTENT


def test_a_packed_body_without_length_cut_off_is_fetched_again_and_then_refused(desk: Desk) -> None:
    half = gzip.compress(CONTENT)[:5_000]
    desk.publisher.answers(URL, Reply(half, framing="none"), Reply(gzip.compress(CONTENT)))
    assert desk.content() == CONTENT
    desk.folder.joinpath("Daily-2026-11-23.csv").unlink()
    desk.publisher.answers(URL, Reply(half, framing="none"))
    assert "damaged or cut off" in desk.trouble()


def test_a_publisher_in_trouble_is_asked_again_and_waited_for(desk: Desk) -> None:
    desk.publisher.answers(URL, Reply(b"", 500), Reply(b"", 429, {"Retry-After": "7"}), Reply(CONTENT))
    assert desk.content() == CONTENT
    assert desk.slept[1] == 7


def test_a_publisher_that_asks_for_hours_is_not_waited_for(desk: Desk) -> None:
    desk.publisher.answers(URL, Reply(b"", 503, {"Retry-After": "7200"}))
    assert "ask again in 7200 s" in desk.trouble()
    assert desk.slept == []


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


def test_a_slow_file_that_keeps_coming_arrives_and_one_that_stops_is_asked_again(desk: Desk) -> None:
    desk.client.timeout = httpx.Timeout(0.2)
    desk.publisher.answers(URL, Reply(CONTENT, delay=0.5), Reply(CONTENT))
    assert desk.content() == CONTENT
    assert len(desk.publisher.asked) == 2


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


def test_the_wanted_file_comes_out_of_a_zip(desk: Desk) -> None:
    packed = zipped(readme__txt=b"see", Rate_PUF__CSV=CONTENT)
    of = remote("https://download.example/2016/rate-puf.zip", member="*.csv", saved_as="rates-2016.csv")
    desk.publisher.answers("https://download.example/2016/rate-puf.zip", Reply(packed))
    assert desk.content(of) == CONTENT


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
    monkeypatch.setattr(download, "SPARE", 1 << 60)
    desk.publisher.answers(URL, Reply(CONTENT))
    assert "is nearly full" in desk.trouble()
    assert list(desk.folder.iterdir()) == []


@pytest.mark.parametrize(
    ("publishers", "saved_as", "name"),
    [
        ("donnees-2026-11-23-19h00.csv", "", "donnees-2026-11-23-19h00.csv"),
        ("../../etc/passwd.csv", "", "passwd.csv"),
        ("a b\n;rm.csv.gz", "", "a-b-rm.csv"),
        ("63352e38", "", "hospital-daily.csv"),
        ("", "", "hospital-daily.csv"),
        ("data.csv", "online-retail.csv", "online-retail.csv"),
    ],
)
def test_the_name_of_a_file_is_safe_and_tells_its_format(publishers: str, saved_as: str, name: str) -> None:
    assert file_name("hospital", remote(saved_as=saved_as), publishers) == name


def test_content_disposition_names_the_file(desk: Desk) -> None:
    header = {"Content-Disposition": "attachment; filename*=UTF-8''masse%20salariale.csv"}
    desk.publisher.answers("https://data.example/export", Reply(CONTENT, headers=header))
    found = desk.fetch(remote("https://data.example/export"))
    assert found is not None
    assert found.path.name == "masse-salariale.csv"
