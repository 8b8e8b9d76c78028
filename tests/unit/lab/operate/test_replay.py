"""Refused records as they go through their topic again."""

from base64 import b64decode
from typing import Any

import orjson
import pytest

from lab.operate.replay import replayed
from millrace.record.event import encode_event
from tests.unit.producer.files.desk import CONTRACT


def again(raw: bytes) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(replayed(CONTRACT, 7, 3, raw))
    assert (found["source"], found["row"], found["feed"]) == (7, 3, "shop")
    assert found.pop("sent_at") > "2026"
    return found


def test_an_event_goes_as_it_was_but_now() -> None:
    raw = encode_event("shop", 7, 3, "2020-01-01T00:00:00.000Z", data={"Day": "x"}, replaces=9, origin="api")
    assert again(raw) == {"feed": "shop", "source": 7, "origin": "api", "row": 3, "replaces": 9, "data": {"Day": "x"}}


def test_an_unreadable_record_stays_one() -> None:
    raw = encode_event("shop", 7, 3, "2020-01-01T00:00:00.000Z", raw=b"1,2", why="the row has 2 fields")
    assert b64decode(again(raw)["raw"]) == b"1,2"


@pytest.mark.parametrize(
    ("typed", "data"),
    [
        (b'1,"a,b",c', {"Day": "1", "Item": "a,b", "Note": "c"}),
        (b'{"Day": 1, "x": {"y": null, "z": 1.50}}', {"Day": "1", "x.z": "1.50"}),
    ],
)
def test_what_a_person_typed_keeps_its_place_as_its_identity(typed: bytes, data: dict[str, str]) -> None:
    found = again(typed)
    assert (found["data"], found["origin"]) == (data, "console")


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        (b"1,2", "the line does not have the 3 fields of the contract"),
        (b"", "the record is empty"),
        (b"\xff", "the record is not UTF-8 text"),
        (b"[1]", "the line does not have the 3 fields of the contract"),
        (b'{"Day": tru}', "the record is not valid JSON"),
    ],
)
def test_what_is_still_none_says_why(typed: bytes, why: str) -> None:
    found = again(typed)
    assert (b64decode(found["raw"]), found["why"]) == (typed, why)


def test_numbers_of_an_event_stay_as_they_were_written() -> None:
    raw = b'{"feed":"shop","source":7,"row":3,"sent_at":"0000-01-01T00:00:00Z","data":{"Day":12345678901234567890.10}}'
    assert again(raw)["data"] == {"Day": "12345678901234567890.10"}
