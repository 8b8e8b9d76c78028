"""Sealed events are read by the batch, and what is read is what reading each of them by itself gives."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from millrace.contract.contract import load_contract
from millrace.feed_names import known_feeds
from millrace.record.event import encode_event
from millrace.record.seal import Trust
from spark.decode.events import read_each
from spark.decode.record_fields import Reader
from spark.decode.sealed_batch import read_sealed
from tests.unit.spark.records import SEAL, SENT_AT, SOURCE, TOPIC_UUID, kafka_records, sample

NETWORK = load_contract("insurance_network")
HEADER = NETWORK.columns[0].from_
READER = Reader(NETWORK, TOPIC_UUID, 2, Trust(SEAL, ()))
EVENT: dict[str, Any] = {
    "feed": NETWORK.feed,
    "source": SOURCE,
    "origin": "api",
    "row": 1,
    "sent_at": SENT_AT,
    "data": {HEADER: "2014", "NetworkName": 'Ode 😀 à la\tneige\0 \\ "x"'},
}
NUMBERS = st.one_of(
    st.integers(-(2**63), 2**64 - 1), st.sampled_from((1, 0, -(2**63), 2**63)), st.floats(), st.booleans()
)
TIMES = (SENT_AT, "2026-11-22T17:05:47", "1969-12-31T23:59:59Z", "9999-01-01T00:00:00Z", "soon", "", "+12026-01-01")
ODD = st.one_of(st.none(), NUMBERS, st.text(), st.lists(st.integers()), st.just({}))
FIELDS = {
    "feed": st.one_of(st.just(NETWORK.feed), ODD),
    "source": NUMBERS,
    "row": NUMBERS,
    "sent_at": st.one_of(st.sampled_from(TIMES), ODD),
    "origin": st.one_of(st.sampled_from(("file", "simulator", "moon")), ODD),
    "version": ODD,
    "replaces": ODD,
    "why": st.text(),
    "data": st.one_of(
        st.dictionaries(st.sampled_from(READER.layout.headers), st.one_of(st.text(), st.text(), ODD)),
        st.dictionaries(st.text(), st.text(), max_size=2),
        ODD,
    ),
}


def sealed(event: dict[str, Any]) -> bytes:
    return SEAL.put_on(json.dumps(event, separators=(",", ":")).encode())


def read(values: list[bytes | None]) -> tuple[dict[str, Any] | None, dict[str, Any]]:
    """By the batch, and each by itself."""
    records = kafka_records(values)
    at_once, each = read_sealed(records, READER), read_each(records, READER)
    return at_once and as_lists(at_once), as_lists(each)


def as_lists(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: (column.type, column.to_pylist()) for name, column in fields.items()}


@st.composite
def events(draw: Callable[..., Any]) -> bytes:
    """One that nothing or little is wrong with."""
    odd = draw(st.sets(st.sampled_from(sorted(FIELDS)), max_size=2))
    event = EVENT | {"row": draw(st.integers(1, 9))} | {name: draw(FIELDS[name]) for name in odd}
    left_out = draw(st.sets(st.sampled_from(sorted(EVENT)), max_size=1)) if draw(st.booleans()) else set()
    return sealed({name: value for name, value in event.items() if name not in left_out})


@given(st.lists(events(), min_size=1, max_size=4))
def test_a_batch_is_read_as_each_of_its_events(values: list[bytes]) -> None:
    at_once, each = read(list(values))
    assert at_once in (None, each)


@pytest.mark.parametrize("feed", [name for name in known_feeds() if not load_contract(name).keeps_message])
def test_what_a_producer_sends_of_a_feed_is_read_at_once(feed: str) -> None:
    contract = load_contract(feed)
    reader = Reader(contract, TOPIC_UUID, 2, Trust(SEAL, ()))
    records = [
        SEAL.put_on(encode_event(feed, SOURCE, n, SENT_AT, data=data)) for n, data in enumerate(sample(contract))
    ]
    at_once = read_sealed(kafka_records(records), reader)
    assert at_once is not None
    assert as_lists(at_once) == as_lists(read_each(kafka_records(records), reader))


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"version": 7, "replaces": 12},
        {"version": 0},
        {"origin": "moon"},
        {"origin": None},
        {"sent_at": None},
        {"sent_at": "2026-soon"},
        {"data": {}},
        {"data": {HEADER: None}},
    ],
)
def test_what_is_plain_is_read_at_once(change: dict[str, Any]) -> None:
    at_once, each = read([sealed(EVENT), sealed(EVENT | change)])
    assert at_once == each


@pytest.mark.parametrize(
    "value",
    [
        json.dumps(EVENT).encode(),
        b"",
        None,
        b"2014,AK",
        sealed(EVENT)[:-3] + b'x"}',
        *(
            sealed(EVENT | change)
            for change in (
                {"feed": "insurance_plan"},
                {"feed": None},
                {"source": None},
                {"row": -(2**63)},
                {"row": 1.0},
                {"replaces": [1, 2]},
                {"replaces": -(2**63)},
                {"version": "7"},
                {"sent_at": "0000-01-01T00:00:00Z"},
                {"sent_at": 7},
                {"data": None, "raw": "AA==", "why": "broken"},
                {"data": {"Unheard": "of"}},
                {"data": {HEADER: 2014}},
                {"more": "than is known"},
            )
        ),
    ],
)
def test_what_is_not_plain_is_left_to_reading_each(value: bytes | None) -> None:
    assert read_sealed(kafka_records([sealed(EVENT), value, sealed(EVENT)]), READER) is None


def test_bytes_that_are_no_text_are_left_to_reading_each() -> None:
    event = json.dumps(EVENT, ensure_ascii=False).encode()
    broken = SEAL.put_on(event.replace("😀".encode(), b"\xff\xfe"))
    at_once, each = read([sealed(EVENT), broken])
    assert at_once is None
    assert each["why"][1] == [None, "the record is not UTF-8 text"]
