"""Only what the key's holder has sealed, byte for byte, is believed; all else is typed or refused."""

import pickle
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from millrace.errors import Refused
from millrace.record.event import Claim, EventWriter, encode_event
from millrace.record.record_reader import FORGED, OTHER_SEAL, RecordReader, TopicRecord
from millrace.record.seal import SEAL_BYTES, TAIL_BYTES, Seal, Trust
from tests.unit.producer.files.desk import CONTRACT
from tests.unit.spark.records import SEAL, SENT_AT

KEY = "k3yOf32lettersAndDigits012345678"
EVENT = encode_event("shop", 7, 3, SENT_AT, data={"Day": "1"}, origin="api", claim=Claim(5, (9,)))
OTHERS: dict[str, Callable[[bytes], bytes]] = {
    "feed": lambda event: event.replace(b'"shop"', b'"stop"'),
    "source": lambda event: event.replace(b":7,", b":8,"),
    "row": lambda event: event.replace(b'"row":3', b'"row":4'),
    "version": lambda event: event.replace(b'"version":5', b'"version":6'),
    "sent_at": lambda event: event.replace(b"17:05", b"17:06"),
    "replaces": lambda event: event.replace(b'"replaces":9', b'"replaces":8'),
    "origin": lambda event: event.replace(b'"api"', b'"device"'),
    "data": lambda event: event.replace(b'"Day":"1"', b'"Day":"2"'),
    "less": lambda event: event.replace(b'"replaces":9,', b""),
    "a member more": lambda event: event.replace(b'{"feed"', b'{"more":1,"feed"'),
    "a member behind": lambda event: event[:-1] + b',"row":4}',
    "a blank behind": lambda event: event + b" ",
}
RECORD = st.fixed_dictionaries(
    {
        "source": st.integers(1, 2**63 - 1),
        "row": st.integers(-(2**63) + 1, 2**63 - 1),
        "claim": st.builds(Claim, st.none() | st.integers(1, 2**62), st.lists(st.integers(1, 2**62)).map(tuple)),
        "origin": st.sampled_from(["file", "api", "device", "simulator"]),
        "data": st.dictionaries(st.text(st.characters(codec="utf-8")), st.text(st.characters(codec="utf-8"))),
    }
)


def read(value: bytes, seal: Seal = SEAL) -> TopicRecord:
    return RecordReader(CONTRACT, seal).read(value)


@given(RECORD, st.data())
def test_no_byte_of_an_event_or_of_the_key_can_be_another(record: dict[str, object], data: st.DataObject) -> None:
    event = encode_event("shop", sent_at=SENT_AT, **record)  # type: ignore[arg-type]
    sealed = Seal(SecretStr(KEY)).put_on(event)
    assert len(sealed) == len(event) + SEAL_BYTES
    assert Seal(SecretStr(KEY)).is_on(sealed)
    index, bit = data.draw(st.integers(0, len(sealed) - 1)), 1 << data.draw(st.integers(0, 7))
    other = bytearray(sealed)
    other[index] ^= bit
    assert not Seal(SecretStr(KEY)).is_on(bytes(other))
    index = data.draw(st.integers(0, len(KEY) - 1))
    key = KEY[:index] + chr(ord(KEY[index]) ^ 1) + KEY[index + 1 :]
    assert not Seal(SecretStr(key)).is_on(sealed)


@given(st.binary())
def test_no_other_bytes_have_a_seal(value: bytes) -> None:
    assert not SEAL.is_on(value)


def test_what_is_sealed_says_the_same() -> None:
    sealed = SEAL.put_on(EVENT)
    assert sealed[: len(EVENT) - 1] == EVENT[:-1]
    assert read(sealed) == RecordReader(CONTRACT, SEAL).read(EVENT, is_older=True)
    assert read(sealed)[:6] == (7, 3, SENT_AT, 5, (9,), "api")


@pytest.mark.parametrize("change", OTHERS.values(), ids=OTHERS)
def test_a_sealed_record_that_was_changed_is_refused_under_its_position(change: Callable[[bytes], bytes]) -> None:
    sealed = change(SEAL.put_on(EVENT))
    assert sealed != SEAL.put_on(EVENT)
    assert read(sealed) == (None, None, None, None, (), "console", None, OTHER_SEAL)


def test_the_seal_of_another_record_or_another_lab_is_none() -> None:
    other = encode_event("shop", 7, 3, SENT_AT, data={"Day": "2"}, origin="api", claim=Claim(5, (9,)))
    taken_over = other[:-1] + SEAL.put_on(EVENT)[-TAIL_BYTES:]
    assert {read(taken_over).why, read(Seal(SecretStr("another")).put_on(EVENT)).why} == {OTHER_SEAL}


def test_without_a_seal_what_replaces_is_refused_and_all_else_is_typed() -> None:
    assert read(EVENT) == (None, None, None, None, (), "console", None, FORGED)
    plain = encode_event("shop", 7, 3, "9999-01-01T00:00:00Z", data={"Day": "1"}, origin="api", claim=Claim(5))
    assert read(plain) == (None, None, None, None, (), "console", {"Day": "1"}, None)
    unreadable = encode_event("shop", 7, 3, SENT_AT, raw=b"1,2", why="the row has 2 fields")
    assert read(unreadable) == (None, None, None, None, (), "console", None, "the row has 2 fields")


def test_numbers_without_a_seal_are_texts_as_with_one() -> None:
    written = b'{"feed":"shop","source":1,"row":2,"data":{"Day":12345678901234567890.10}}'
    assert read(written).data == read(SEAL.put_on(written)).data == {"Day": "12345678901234567890.10"}


def test_what_the_fast_writer_writes_can_be_sealed() -> None:
    sealed = SEAL.put_on(EventWriter("shop", 7, ("Day",)).encode(3, ["1"]))
    assert (read(sealed).source, read(sealed).data) == (7, {"Day": "1"})


@pytest.mark.parametrize("value", [b"", b"1,2", b"[1]", b'{"a":1} '])
def test_only_an_object_can_be_sealed(value: bytes) -> None:
    with pytest.raises(ValueError, match=r"^only a JSON object can be sealed$"):
        SEAL.put_on(value)


def test_without_a_key_there_is_no_seal() -> None:
    with pytest.raises(Refused, match=r"^There is no key to seal records with \(MILLRACE_RECORD_KEY\)"):
        Seal(SecretStr(""))


def test_it_travels_and_does_not_show_its_key() -> None:
    seal = Seal(SecretStr(KEY))
    sealed = seal.put_on(EVENT)
    assert pickle.loads(pickle.dumps(seal)).is_on(sealed)  # noqa: S301 - our own
    assert KEY not in f"{seal} {seal!r} {Trust(seal)}"


@pytest.mark.parametrize(
    ("older", "is_older"), [(None, True), ((), False), (((0, 9), (1, 5)), True), (((1, 4),), False)]
)
def test_records_of_before_end_per_partition(older: tuple[tuple[int, int], ...] | None, is_older: bool) -> None:
    assert Trust(SEAL, older).is_older(1, 4) is is_older
