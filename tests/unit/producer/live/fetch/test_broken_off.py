"""A download broken off: what goes on where it stopped, and what begins again."""

import gzip

import pytest

from producer.live import download
from producer.live.errors import Trouble
from tests.unit.producer.live.fetch.desk import CONTENT, URL, Desk
from tests.unit.producer.live.publisher_server import Reply


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
