"""Kafka records become events: envelopes, what a person types, and what cannot be read."""

import json
import pickle
from copy import copy
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from millrace.contract.contract import load_contract
from millrace.record.event import MAX_BYTES, Claim, Origin, encode_event
from millrace.record.identity import console_source
from millrace.record.seal import Trust
from spark.decode.events import decode
from spark.decode.record_fields import Reader
from tests.unit.spark.records import (
    ARRIVED,
    OLDER,
    SEAL,
    SENT_AT,
    SOURCE,
    TOPIC_UUID,
    event,
    events,
    kafka_records,
    rows,
)

NETWORK = load_contract("insurance_network")
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text()),
    lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.text(), inner)),
).map(lambda value: json.dumps(value).encode())
LINE = "2014,AK,21989,HIOS,6,3/19/2014 7:06,21989,AK,ODS Premier,AKN001,https://example.org,13,,"
DATA = {"BusinessYear": "2014", "NetworkName": "Ode 😀 à la\tneige"}


def test_an_envelope_keeps_identity_time_and_texts() -> None:
    (found,) = events(NETWORK, [event(NETWORK, DATA, row=7, claim=Claim(3, (12,)))])
    assert vars(found) | {"value": None} == {
        "value": None,
        "kafka_partition": 0,
        "kafka_offset": 0,
        "source_id": SOURCE,
        "row_no": 7,
        "sent_at": datetime(2026, 11, 22, 17, 5, 47, 123000),
        "is_ahead": False,
        "version": 3,
        "replaces": "12",
        "origin": "file",
        "data": {"BusinessYear": "2014", "NetworkName": DATA["NetworkName"]},
        "extra": None,
        "why": None,
    }


@pytest.mark.parametrize(
    "text", [LINE, json.dumps(dict(zip((c.from_ for c in NETWORK.columns), LINE.split(","), strict=True)))]
)
def test_what_a_person_types_is_known_by_its_position(text: str) -> None:
    _, found = events(NETWORK, [LINE.encode(), text.encode()], partition=1)
    assert (found.source_id, found.row_no, found.why) == (console_source(TOPIC_UUID, 1), 1, None)
    assert (found.data["NetworkName"], found.data["NetworkURL"]) == ("ODS Premier", "https://example.org")
    assert found.sent_at == ARRIVED.replace(microsecond=987000, tzinfo=None)


def test_a_typed_line_may_quote_its_fields() -> None:
    line = LINE.replace("ODS Premier", '"ODS, the ""Premier"""')
    (found,) = events(NETWORK, [line.encode()])
    assert found.data["NetworkName"] == 'ODS, the "Premier"'


def test_numbers_and_nested_values_of_an_object_are_texts() -> None:
    typed = b'{"BusinessYear": 2014, "VersionNum": 12345678901234567890.10, "X": {"a": [1, {}]}, "No": null, "Y": true}'
    (found,) = events(NETWORK, [typed])
    assert found.data == {"BusinessYear": "2014", "VersionNum": "12345678901234567890.10"}
    assert json.loads(found.extra) == {"X.a.0": "1", "Y": "true"}


UNREADABLE = [
    (None, "the record is empty"),
    (b"", "the record is empty"),
    (b"  \n", "the record is empty"),
    (b"\xff\xfe,2014", "the record is not UTF-8 text"),
    (event(NETWORK, {"a": "x"}).replace(b'"x"', b'"\xe9"'), "the record is not UTF-8 text"),
    (b'{"BusinessYear": 2014', "the record is not valid JSON"),
    (b"2014,AK", "the line does not have the 14 fields of the contract"),
    (LINE.encode() + b",more", "the line does not have the 14 fields of the contract"),
    (
        encode_event("insurance_network", 1, 1, SENT_AT, raw=b"a,b", why="the row has 2 fields, the header has 14"),
        "the row has 2 fields, the header has 14",
    ),
    (encode_event("insurance_rate", 1, 1, SENT_AT, data=DATA), "the record belongs to the feed insurance_rate"),
    (b'{"BusinessYear": 2014, "BusinessYear": 2015}', "the record names BusinessYear twice"),
    (b'{"NetworkName": "\\ud83d"}', "the record holds half a character in 'NetworkName'"),
    (b'{"VersionNum": NaN}', "the record holds NaN, which is no JSON"),
    (b'{"a": {"b": 1}, "a.b": 2}', "the record has two values that are called a.b"),
    (b'{"NetworkName": "\x01"}', "the record is not valid JSON"),
    (b'{"a":' * 100_000, "the record is nested deeper than 100 levels"),
    (b'{"%b": 1}' % (b"x" * 70_000), "the record has a field whose name is longer than 65535 bytes"),
    (b'2014,"AK', "the line does not have the 14 fields of the contract"),
    (LINE.encode() + b"\n" + LINE.encode(), "the line does not have the 14 fields of the contract"),
]


def test_the_unreadable_says_why_and_nothing_is_lost() -> None:
    found = events(NETWORK, [value for value, _ in UNREADABLE])
    assert [row.why for row in found] == [why for _, why in UNREADABLE]
    assert all(row.source_id is not None and row.row_no is not None for row in found)


def test_what_a_record_of_another_feed_claims_is_not_believed() -> None:
    (found,) = events(NETWORK, [encode_event("insurance_rate", 1, 1, SENT_AT, data=DATA, claim=Claim(3, (12,)))])
    assert (found.version, found.replaces) == (None, None)


@pytest.mark.parametrize("version", [b'"3"', b"3.5", b"0", b"-3", b"true", b"null", b"[3]", b"9223372036854775808"])
def test_a_version_that_is_no_number_of_63_bits_is_none(version: bytes) -> None:
    value = b'{"feed":"insurance_network","source":9,"row":2,"version":%b,"data":{}}' % version
    assert events(NETWORK, [value])[0].version is None


def test_half_an_envelope_is_a_typed_object() -> None:
    (found,) = events(NETWORK, [b'{"feed": "insurance_network", "source": "x", "row": 1, "data": {}}'])
    assert (found.source_id, found.row_no) == (console_source(TOPIC_UUID, 0), 0)
    assert json.loads(found.extra)["source"] == "x"


def test_typed_records_behind_a_loss_are_others() -> None:
    reader = Reader(NETWORK, TOPIC_UUID, 2, OLDER, ((0, 2), (1, 0), (0, 3)))
    found = decode(kafka_records([LINE.encode()] * 4), copy(reader)).to_pylist()
    assert [row["source_id"] for row in found] == [console_source(TOPIC_UUID, 0, times) for times in (0, 0, 1, 2)]
    assert [row["row_no"] for row in found] == [0, 1, 2, 3]


def test_what_stands_in_one_record_changes_no_other() -> None:
    good = event(NETWORK, DATA)
    values = [good, *(value for value, _ in UNREADABLE), good]
    first, *_, last = events(NETWORK, values)
    assert (first.data, first.why) == (last.data, last.why) == (first.data, None)
    assert first.data["BusinessYear"] == "2014"


def test_an_envelope_may_hold_numbers_and_nested_values() -> None:
    event_ = (
        b'{"feed":"insurance_network","source":9,"row":2,"data":'
        b'{"BusinessYear":2014,"IssuerId":1.50,"StateCode":null,"New":{"a":[12345678901234567890.12]}}}'
    )
    plain, found = events(NETWORK, [event(NETWORK, DATA), event_])
    assert (found.source_id, found.row_no, found.why) == (9, 2, None)
    assert found.data == {"BusinessYear": "2014", "IssuerId": "1.50"}
    assert json.loads(found.extra) == {"New.a.0": "12345678901234567890.12"}
    assert plain.data["BusinessYear"] == "2014"


@pytest.mark.parametrize("number", [2**63, -(2**64), 1.5, "7", True, None])
def test_an_identity_that_is_no_63_bits_is_none(number: object) -> None:
    value = json.dumps({"feed": NETWORK.feed, "source": number, "row": 1, "data": {"BusinessYear": "2014"}})
    (found,) = events(NETWORK, [value.encode()])
    assert found.source_id == console_source(TOPIC_UUID, 0)


@pytest.mark.parametrize("origin", ["api", "device", "simulator", "console", "file"])
def test_the_envelope_says_where_a_record_is_from(origin: Origin) -> None:
    assert events(NETWORK, [event(NETWORK, DATA, origin=origin)])[0].origin == origin


@pytest.mark.parametrize("origin", [b"", b'"origin":"moon",', b'"origin":7,', b'"origin":[],'])
def test_an_old_event_is_from_a_file_and_a_typed_one_from_the_console(origin: bytes) -> None:
    old = b'{"feed":"insurance_network",%b"source":9,"row":2,"data":{}}' % origin
    assert [row.origin for row in events(NETWORK, [old, LINE.encode()])] == ["file", "console"]


@pytest.mark.parametrize(
    ("sent_at", "expected"),
    [
        ("2026-11-22T17:05:47.123999Z", datetime(2026, 11, 22, 17, 5, 47, 123000)),
        ("2026-11-22T17:05:47+01:00", datetime(2026, 11, 22, 16, 5, 47)),
        ("yesterday", ARRIVED.replace(microsecond=987000, tzinfo=None)),
        (7, ARRIVED.replace(microsecond=987000, tzinfo=None)),
    ],
)
def test_a_time_of_sending_that_is_none_is_that_of_arrival(sent_at: object, expected: datetime) -> None:
    value = json.dumps({"feed": NETWORK.feed, "source": 1, "row": 1, "sent_at": sent_at, "data": {}})
    assert events(NETWORK, [value.encode()])[0].sent_at == expected


def named(row: int, sent_at: str = SENT_AT) -> bytes:
    """An event without a seal."""
    return encode_event(NETWORK.feed, SOURCE, row, sent_at, data=DATA)


def test_records_without_a_seal_are_believed_up_to_where_a_release_that_did_not_seal_ends() -> None:
    values = [named(1), SEAL.put_on(named(2)), named(3), named(4), SEAL.put_on(named(5))]
    sources = [SOURCE, SOURCE, SOURCE, console_source(TOPIC_UUID, 1), SOURCE]
    found = events(NETWORK, values, 1, Trust(SEAL, ((0, 5), (1, 3))))
    assert [row.source_id for row in found] == sources
    assert [row.row_no for row in found] == [1, 2, 3, 3, 5]
    assert [row.origin for row in found] == ["file", "file", "file", "console", "file"]
    beside_a_number = [*values, SEAL.put_on(named(6).replace(b'"2014"', b"2014"))]
    found = events(NETWORK, beside_a_number, 1, Trust(SEAL, ((0, 5), (1, 3))))
    assert [row.source_id for row in found] == [*sources, SOURCE]


def test_a_reader_travels_with_what_it_trusts() -> None:
    reader = Reader(NETWORK, TOPIC_UUID, 2, Trust(SEAL, ((0, 1),)))
    found = decode(kafka_records([named(1), named(2)]), pickle.loads(pickle.dumps(reader)))  # noqa: S301 - our own
    assert found["source_id"].to_pylist() == [SOURCE, console_source(TOPIC_UUID, 0)]


@pytest.mark.parametrize(
    ("sent_at", "is_ahead"),
    [
        ("2026-11-22T18:01:00.987Z", False),
        ("2026-11-22T18:01:00.988Z", True),
        ("2026-11-22T19:01:00+01:00", False),
        ("9998-12-31T23:59:59.999Z", True),
        ("soon", False),
    ],
)
def test_a_time_more_than_a_minute_after_the_arrival_is_that_of_the_arrival(sent_at: str, is_ahead: bool) -> None:
    (found,) = events(NETWORK, [SEAL.put_on(named(1, sent_at))], trust=Trust(SEAL))
    arrived = ARRIVED.replace(microsecond=987000, tzinfo=None)
    said = arrived if is_ahead or sent_at == "soon" else datetime.fromisoformat(sent_at).astimezone(UTC)
    assert (found.is_ahead, found.sent_at) == (is_ahead, said.replace(tzinfo=None))
    assert (found.source_id, found.why) == (SOURCE, None)


def test_eight_megabytes_and_nul_bytes_arrive_as_they_are() -> None:
    long = "é\0" * (MAX_BYTES // 16)
    (found,) = events(NETWORK, [event(NETWORK, DATA | {"NetworkName": long})])
    assert found.data["NetworkName"] == long


@given(st.lists(st.one_of(st.none(), st.binary(), st.text().map(str.encode), JSON), max_size=5))
def test_no_bytes_can_break_a_batch(values: list[bytes | None]) -> None:
    found = rows(NETWORK, values)
    assert [row.kafka_offset for row in found] == list(range(len(values)))
    assert all(row.reasons for row in found)
    assert [bytes.fromhex(row.raw_hex) for row in found] == [value or b"" for value in values]
