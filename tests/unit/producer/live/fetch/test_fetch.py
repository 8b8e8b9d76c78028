"""Files from a publisher on loopback: redirected, packed, unchanged, late, and named."""

import gzip

import httpx
import pytest

from producer.live.fetch import file_name
from producer.live.http_client import Validators
from tests.unit.producer.live.fetch.desk import CONTENT, URL, Desk, remote, zipped
from tests.unit.producer.live.publisher_server import Asked, Reply


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
    assert desk.fetched(remote(stable)).path.name == "Daily-2026-11-23.csv"


def test_what_has_not_changed_is_not_fetched(desk: Desk) -> None:
    desk.publisher.answers(URL, Reply(CONTENT, etag='"one"'))
    found = desk.fetched()
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
    found = desk.fetched()
    assert desk.fetch(known=found.validators) is None


def test_a_publisher_in_trouble_is_asked_again_and_waited_for(desk: Desk) -> None:
    desk.publisher.answers(URL, Reply(b"", 500), Reply(b"", 429, {"Retry-After": "7"}), Reply(CONTENT))
    assert desk.content() == CONTENT
    assert desk.slept[1] == 7


def test_a_publisher_that_asks_for_hours_is_not_waited_for(desk: Desk) -> None:
    desk.publisher.answers(URL, Reply(b"", 503, {"Retry-After": "7200"}))
    assert "ask again in 7200 s" in desk.trouble()
    assert desk.slept == []


def test_a_slow_file_that_keeps_coming_arrives_and_one_that_stops_is_asked_again(desk: Desk) -> None:
    desk.client.timeout = httpx.Timeout(0.2)
    desk.publisher.answers(URL, Reply(CONTENT, delay=0.5), Reply(CONTENT))
    assert desk.content() == CONTENT
    assert len(desk.publisher.asked) == 2


def test_the_wanted_file_comes_out_of_a_zip(desk: Desk) -> None:
    packed = zipped(readme__txt=b"see", Rate_PUF__CSV=CONTENT)
    of = remote("https://download.example/2016/rate-puf.zip", member="*.csv", saved_as="rates-2016.csv")
    desk.publisher.answers("https://download.example/2016/rate-puf.zip", Reply(packed))
    assert desk.content(of) == CONTENT


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
    assert desk.fetched(remote("https://data.example/export")).path.name == "masse-salariale.csv"
