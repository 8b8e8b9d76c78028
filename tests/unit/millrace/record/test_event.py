"""Events: what travels through Kafka."""

from base64 import b64decode
from datetime import UTC, datetime

import orjson
from hypothesis import given
from hypothesis import strategies as st

from millrace.record.event import Claim, Clock, EventWriter, encode_event, timestamp

TEXT = st.text(st.characters(codec="utf-8"))


def test_a_moment_has_milliseconds_and_utc() -> None:
    assert timestamp(datetime(2026, 11, 22, 17, 5, 47, 123_999, UTC)) == "2026-11-22T17:05:47.123Z"


def test_the_clock_tells_the_same_as_the_timestamp() -> None:
    before, now, after = timestamp(), Clock().now().decode(), timestamp()
    assert before <= now <= after


def test_an_event_has_these_keys_in_this_order() -> None:
    event = encode_event("shop", 7, 1, "2026-11-22T17:05:47.123Z", data={"Item": "a\tb\\N"}, claim=Claim(3, (5,)))
    assert event == (
        b'{"feed":"shop","source":7,"origin":"file","version":3,"replaces":5,"row":1,'
        b'"sent_at":"2026-11-22T17:05:47.123Z","data":{"Item":"a\\tb\\\\N"}}'
    )


def test_an_unreadable_record_keeps_its_bytes_and_says_why() -> None:
    event = orjson.loads(encode_event("shop", 7, 1, "t", raw=b"\xff,1\n", why="the row is not UTF-8 text"))
    assert (b64decode(event["raw"]), event["why"]) == (b"\xff,1\n", "the row is not UTF-8 text")
    assert "data" not in event


@given(st.dictionaries(TEXT, TEXT, max_size=5), st.integers(1, 2**53))
def test_the_fast_writer_writes_the_same_event(data: dict[str, str], row: int) -> None:
    event = orjson.loads(EventWriter('a"b', 2**62, data, claim=Claim(row, (9, 8))).encode(row, data.values()))
    sent_at = event["sent_at"]
    assert event == orjson.loads(encode_event('a"b', 2**62, row, sent_at, data=data, claim=Claim(row, (9, 8))))
