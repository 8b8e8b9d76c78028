"""One reading of a record: Spark, `make peek` and `make replay` find the same in it, whatever it is, and none fails."""

import json
from datetime import datetime
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.observe.peek import peeked
from lab.operate.replay import Refusal, replayed
from millrace.contract.column import MESSAGE
from millrace.contract.contract import Contract, load_contract
from millrace.kafka.topic_reader import Stored
from millrace.record.identity import console_source
from millrace.record.limits import DEEPEST_JSON
from millrace.record.record_reader import RecordReader, TopicRecord
from tests.unit.millrace.record.record_cases import DEEP, READABLE, UNREADABLE, envelope, nested
from tests.unit.producer.files.desk import CONTRACT
from tests.unit.spark.records import ARRIVED, OLDER, SEAL, SENT_AT, TOPIC_UUID, event, events, rows

WEATHER = load_contract("weather")
TYPED = console_source(TOPIC_UUID, 1), 0
NOW = ARRIVED.replace(tzinfo=None, microsecond=987000)
NAMES = ("feed", "source", "row", "sent_at", "version", "replaces", "origin", "data", "raw", "why")


def as_peeked(contract: Contract, value: bytes) -> Any:
    found = Stored(0, int(ARRIVED.timestamp() * 1000), value)
    return peeked(1, found, contract, OLDER, TOPIC_UUID)


def as_replayed(contract: Contract, value: bytes, who: tuple[int, int]) -> TopicRecord:
    return read_older(contract, replayed(contract, SEAL, Refusal(*who, value, NOW)))


def read_older(contract: Contract, value: bytes) -> TopicRecord:
    return RecordReader(contract, SEAL).read(value, is_older=True)


@pytest.mark.parametrize(("value", "data"), READABLE.values(), ids=READABLE)
def test_all_read_the_same_texts(value: bytes, data: dict[str, str]) -> None:
    read = read_older(CONTRACT, value)
    who = read.identity(TOPIC_UUID, 1, 0)
    assert (read.data, read.why, who) == (data, None, TYPED if read.is_typed else (1, 2))

    (row,) = events(CONTRACT, [value], partition=1)
    assert (row.source_id, row.row_no, row.why, row.origin) == (*who, None, read.origin)
    assert row.data | json.loads(row.extra or "{}") == data

    shown = as_peeked(CONTRACT, value)
    assert (shown.source, shown.row, shown.origin) == (*who, read.origin)
    assert shown.data == ({"": value.decode()} if read.is_typed else data)

    again = as_replayed(CONTRACT, value, who)
    assert (again.source, again.row, again.data, again.why) == (*who, data, None)


@pytest.mark.parametrize(("value", "why"), UNREADABLE.values(), ids=UNREADABLE)
def test_all_say_the_same_why(value: bytes, why: str) -> None:
    read = read_older(CONTRACT, value)
    who = read.identity(TOPIC_UUID, 1, 0)
    assert (read.data, read.why, who) == (None, why, TYPED if read.is_typed else (1, 2))

    (row,) = events(CONTRACT, [value], partition=1)
    assert (row.source_id, row.row_no, row.why, row.origin) == (*who, why, read.origin)
    (cleaned,) = rows(CONTRACT, [value])
    assert json.loads(cleaned.reasons) == [{"column": None, "value": None, "reason": why}]
    assert bytes.fromhex(cleaned.raw_hex) == value
    assert cleaned.sent_at == (datetime.fromisoformat(SENT_AT[:-1]) if read.sent_at else NOW)

    shown = as_peeked(CONTRACT, value)
    assert (shown.source, shown.row, shown.origin) == (*who, read.origin)
    assert shown.data == {"": value.decode("utf-8", "backslashreplace") if read.is_typed else why}

    again = as_replayed(CONTRACT, value, who)
    is_mended = "says it was sent" in why
    assert (again.source, again.row, again.why) == (*who, None if is_mended else why)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (b"[" * 90 + b"]" * 90, "[" * 90 + "]" * 90),
        (b'{"b": 1}', '{"b":1}'),
        (b"{}", "{}"),
        (b'"{}"', "{}"),
        (b'"text"', "text"),
    ],
)
def test_a_message_that_is_no_text_is_its_json(given: bytes, kept: str) -> None:
    value = envelope(b'{"city":"x","@message":' + given + b"}").replace(b"shop", b"weather")
    read = read_older(WEATHER, value)
    assert (read.data, read.why) == ({"city": "x", MESSAGE: kept}, None)
    assert events(WEATHER, [value])[0].data[MESSAGE] == kept


@pytest.mark.parametrize("levels", [DEEPEST_JSON - 1, 253, 254, 255, 256, 1000])
def test_a_message_nested_too_deeply_is_refused(levels: int) -> None:
    value = envelope(b'{"city":"x","@message":' + nested(levels) + b"}").replace(b"shop", b"weather")
    assert [row.why for row in events(WEATHER, [value, event(WEATHER, {"city": "x"})])] == [DEEP, None]


@pytest.mark.parametrize("feed", ["weather", "shop"])
def test_no_record_is_read_otherwise_beside_another(feed: str) -> None:
    contract = WEATHER if feed == "weather" else CONTRACT
    more = [envelope(b'{"Day":"1","@message":%b}' % message) for message in (b"null", b"{}", b"0", b'""', b"[7]")]
    known = [case[0] for case in (*READABLE.values(), *UNREADABLE.values())]
    values = [value.replace(b'"shop"', b'"%b"' % feed.encode()) for value in known + more]
    alone = [vars(events(contract, [value])[0]) | {"kafka_offset": 0} for value in values]
    assert [vars(row) | {"kafka_offset": 0} for row in events(contract, values)] == [
        {**row, "row_no": number if row["origin"] == "console" else row["row_no"]} for number, row in enumerate(alone)
    ]


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text()),
    lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.text(), inner)),
    max_leaves=5,
)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(NAMES, JSON)))
def test_no_envelope_can_break_a_reading(found: dict[str, Any]) -> None:
    value = json.dumps({"feed": "shop", "source": 1, "row": 2, "data": {}} | found).encode()
    read = read_older(CONTRACT, value)
    assert (read.data is None) == (read.why is not None)
    (row,) = events(CONTRACT, [value], partition=1)
    assert (row.source_id, row.row_no) == read.identity(TOPIC_UUID, 1, 0)
    assert row.why == read.why
    again = replayed(CONTRACT, SEAL, Refusal(row.source_id, row.row_no, value, NOW))
    assert orjson.loads(again)["source"] == row.source_id


@pytest.mark.parametrize(
    ("said", "read"),
    [
        (b"7", (7,)),
        (b"[7,-8]", (7, -8)),
        *((odd, ()) for odd in (b"null", b"[]", b'"7"', b"[7,null]", b"true", b"{}", b"[9223372036854775808]")),
    ],
)
def test_what_replaces_names_one_source_or_several_and_nothing_else(said: bytes, read: tuple[int, ...]) -> None:
    value = b'{"feed":"shop","source":9,"row":2,"replaces":%b,"data":{}}' % said
    assert read_older(CONTRACT, value).replaces == read
