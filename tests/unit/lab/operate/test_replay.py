"""Refused records as they go through their topic again."""

from base64 import b64decode
from datetime import datetime
from typing import Any

import orjson
import pytest
from pydantic import SecretStr

from lab.operate.replay import Refusal, replayed
from millrace.contract.contract import Contract
from millrace.record.event import Claim, encode_event
from millrace.record.record_reader import FORGED, OTHER_SEAL
from millrace.record.seal import Seal
from tests.unit.producer.files.desk import CONTRACT
from tests.unit.producer.files.test_file_formats import PUBLISHED
from tests.unit.spark.records import SEAL

SENT_AT = datetime(2026, 11, 22, 17, 5, 47, 123000)


def again(raw: bytes, contract: Contract = CONTRACT) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(replayed(contract, SEAL, Refusal(7, 3, raw, SENT_AT)))
    assert (found["source"], found["row"], found["feed"]) == (7, 3, "shop")
    assert found.pop("sent_at") == "2026-11-22T17:05:47.123Z"
    return found


def test_an_event_keeps_its_version_and_takes_no_place_again() -> None:
    claim = Claim(version=5, replaces=(9,))
    raw = encode_event("shop", 7, 3, "2020-01-01T00:00:00.000Z", data={"Day": "x"}, claim=claim, origin="api")
    assert again(raw) == {"feed": "shop", "source": 7, "origin": "api", "version": 5, "row": 3, "data": {"Day": "x"}}


def test_a_record_whose_seal_was_checked_is_who_it_says_and_no_other() -> None:
    """A release that did not seal, or another key, may have been believed; what was refused by its position was not."""
    claim = Claim(version=5, replaces=(9,))
    raw = encode_event("shop", 7, 3, "2020-01-01T00:00:00.000Z", data={"Day": "x"}, claim=claim, origin="api")
    assert again(SEAL.put_on(raw))["version"] == again(raw)["version"] == 5
    forged = encode_event("shop", 8, 3, "2020-01-01T00:00:00.000Z", data={"Day": "x"}, claim=claim, origin="api")
    found = again(forged)
    assert (found["why"], b64decode(found["raw"])) == (FORGED, forged)
    assert again(Seal(SecretStr("another")).put_on(forged))["why"] == OTHER_SEAL
    plain = encode_event("shop", 8, 3, "", data={"Day": "x"}, claim=Claim(5), origin="api")
    assert again(plain) == {"feed": "shop", "source": 7, "origin": "console", "row": 3, "data": {"Day": "x"}}


def test_a_typed_record_without_a_day_keeps_that_of_its_arrival() -> None:
    assert again(b'{"Day": 1}', PUBLISHED)["data"] == {"Day": "1", "@published": "2026-11-22"}
    named = {"Day": "1", "@published": "2020-01-02"}
    assert again(orjson.dumps(named), PUBLISHED)["data"] == named
    assert again(encode_event("shop", 7, 3, "", data={"Day": "1"}), PUBLISHED)["data"] == {"Day": "1"}


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
def test_what_a_person_typed_keeps_its_position_as_its_identity(typed: bytes, data: dict[str, str]) -> None:
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
