"""Kafka records become events: envelopes, what a person types, and what cannot be read."""

import json
from datetime import datetime

import pytest
from pyspark.sql import SparkSession

from feeds.contract import load_contract
from feeds.event import encode_event
from feeds.identity import console_source
from tests.spark.records import ARRIVED, SENT_AT, SOURCE, TOPIC_UUID, event, events

NETWORK = load_contract("insurance_network")
LINE = "2014,AK,21989,HIOS,6,3/19/2014 7:06,21989,AK,ODS Premier,AKN001,https://example.org,13,,"
DATA = {"BusinessYear": "2014", "NetworkName": "Ode 😀 à la\tneige"}


def test_an_envelope_keeps_identity_time_and_texts(spark: SparkSession) -> None:
    (found,) = events(spark, NETWORK, [event(NETWORK, DATA, row=7, replaces=12)])
    assert found.asDict() | {"value": None} == {
        "value": None,
        "kafka_partition": 0,
        "kafka_offset": 0,
        "source_id": SOURCE,
        "row_no": 7,
        "sent_at": datetime(2026, 11, 22, 17, 5, 47, 123000),
        "replaces": 12,
        "data": DATA,
        "why": None,
    }


@pytest.mark.parametrize(
    "text", [LINE, json.dumps(dict(zip((c.from_ for c in NETWORK.columns), LINE.split(","), strict=True)))]
)
def test_what_a_person_types_is_known_by_its_place(spark: SparkSession, text: str) -> None:
    _, found = events(spark, NETWORK, [LINE.encode(), text.encode()], partition=1)
    assert (found.source_id, found.row_no, found.why) == (console_source(TOPIC_UUID, 1), 1, None)
    assert (found.data["NetworkName"], found.data["NetworkURL"]) == ("ODS Premier", "https://example.org")
    assert found.sent_at == ARRIVED.replace(microsecond=987000)


def test_a_typed_line_may_quote_its_fields(spark: SparkSession) -> None:
    line = LINE.replace("ODS Premier", '"ODS, the ""Premier"""')
    (found,) = events(spark, NETWORK, [line.encode()])
    assert found.data["NetworkName"] == 'ODS, the "Premier"'


def test_numbers_and_nested_values_of_an_object_are_texts(spark: SparkSession) -> None:
    (found,) = events(spark, NETWORK, [b'{"BusinessYear": 2014, "Extra": {"a": [1]}, "Nothing": null, "IsIt": true}'])
    assert found.data == {"BusinessYear": "2014", "Extra": '{"a":[1]}', "Nothing": None, "IsIt": "true"}


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
]


def test_the_unreadable_says_why_and_nothing_is_lost(spark: SparkSession) -> None:
    found = events(spark, NETWORK, [value for value, _ in UNREADABLE])
    assert [row.why for row in found] == [why for _, why in UNREADABLE]
    assert all(row.source_id is not None and row.row_no is not None for row in found)


def test_half_an_envelope_is_a_typed_object(spark: SparkSession) -> None:
    (found,) = events(spark, NETWORK, [b'{"feed": "insurance_network", "source": "x", "row": 1, "data": {}}'])
    assert (found.source_id, found.row_no) == (console_source(TOPIC_UUID, 0), 0)
    assert found.data["source"] == "x"
