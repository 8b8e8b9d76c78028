"""JSON, JSON lines, packed files, other delimiters, and the day of publication."""

import gzip
import io
import json
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from millrace.contract.contract import Contract, Source
from millrace.errors import Refused
from millrace.record.json_record import NotJson
from producer.files import json_document
from producer.files.json_document import elements
from producer.files.json_fields import read_record
from producer.kafka.journal import Journal
from tests.unit.producer.files.test_send_file import CONTRACT, Desk

JSON_CONTRACT = CONTRACT.model_copy(
    update={"source": Source(formats=("csv", "json", "jsonl"), records="sales", other_delimiters=(";", "\t"))}
)
MESSAGE_COLUMN = {"from": "@message", "name": "message", "type": "json", "comment": "All of it"}
PUBLISHED_COLUMN = {
    "from": "@published",
    "name": "published",
    "type": "date",
    "formats": ["yyyy-MM-dd"],
    "comment": "d",
}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    journal = Journal(tmp_path / "journal.db")
    yield Desk(tmp_path, journal)
    journal.close()


def contract_with(column: dict[str, Any], **more: Any) -> Contract:
    known = CONTRACT.model_dump(by_alias=True, exclude_defaults=True)
    known["columns"] = [*known["columns"], column]
    return Contract.model_validate(known | {"source": JSON_CONTRACT.source.model_dump()} | more)


def sent(desk: Desk, content: bytes | str, name: str = "x.json", contract: Contract = JSON_CONTRACT) -> list[Any]:
    """The data of each event, or why and the raw bytes."""
    desk.send(content, name=name, contract=contract)
    return [e.get("data") or (e["why"], b64decode(e["raw"])) for e in sorted(desk.events, key=lambda e: e["row"])]


def refusal(desk: Desk, content: bytes | str, name: str = "x.json", contract: Contract = JSON_CONTRACT) -> str:
    with pytest.raises(Refused) as refused:
        desk.send(content, name=name, contract=contract)
    assert desk.broker.events == []
    assert list((desk.folder / "spool").iterdir()) == []
    return str(refused.value)


@pytest.mark.parametrize(
    "document",
    [
        '{"about": {"sales": [1]}, "sales": [{"Day": "1"}, {"Day": 2}], "more": [], "x": 1}',
        '[{"Day": "1"}, {"Day": 2}]',
        '\ufeff \r\n[ {"Day": "1"} ,\n{"Day": 2}\n]\n',
    ],
)
def test_the_records_of_a_document_are_found(desk: Desk, document: str) -> None:
    assert sent(desk, document) == [{"Day": "1"}, {"Day": "2"}]


def test_a_single_object_is_one_record(desk: Desk) -> None:
    assert sent(desk, '{"Day": 1, "sales": "none"}') == [{"Day": "1", "sales": "none"}]


def test_nested_values_are_flattened_and_stand_as_written(desk: Desk) -> None:
    record = (
        '{"Day": 1.50, "Item": {"name": "a\\u00e9", "of": [{"id": 1E5}, {"id": null}, true]}, '
        '"Note": null, "no": [], "none": {}, "empty": "", "Unnamed: 0": 3}'
    )
    assert sent(desk, f"[{record}]") == [
        {"Day": "1.50", "Item.name": "aé", "Item.of.0.id": "1E5", "Item.of.2": "true", "empty": ""}
    ]


def test_the_whole_record_goes_along_where_the_contract_keeps_it(desk: Desk) -> None:
    record = '{"Day": 1.50, "deep": {"a": [ ]}}'
    (data,) = sent(desk, f"[ {record} ]", contract=contract_with(MESSAGE_COLUMN))
    assert data == {"Day": "1.50", "@message": record}


def test_lines_are_records_and_a_broken_one_is_kept_with_its_reason(desk: Desk) -> None:
    lines = b'\xef\xbb\xbf{"Day": 1}\r\n\n{"Day": tru}\n[1]\n{"Day": "\xff"}\n'
    lines += b'{"Day": 1, "Day": 2}\n{"Day": NaN}\n{"Day": 6}'
    assert sent(desk, lines, name="x.jsonl") == [
        {"Day": "1"},
        ("the record is broken JSON at character 9: Expecting value", b'{"Day": tru}\n'),
        ("the record is no JSON object", b"[1]\n"),
        ("the record is not UTF-8 text", b'{"Day": "\xff"}\n'),
        ("the record names Day twice", b'{"Day": 1, "Day": 2}\n'),
        ("the record holds NaN, which is no JSON", b'{"Day": NaN}\n'),
        {"Day": "6"},
    ]


def test_one_record_of_a_document_may_be_wrong_without_the_others(desk: Desk) -> None:
    assert sent(desk, b'[{"Day": "\xe9"}, 7, {"Day": "\\ud800"}, {"Day": 4}]') == [
        ("the record is not UTF-8 text", b'{"Day": "\xe9"}'),
        ("the record is no JSON object", b"7"),
        ("the record holds half a character in 'Day'", b'{"Day": "\\ud800"}'),
        {"Day": "4"},
    ]


def test_a_fallback_encoding_is_tried_per_record(desk: Desk) -> None:
    source = JSON_CONTRACT.source.model_copy(update={"fallback_encoding": "latin-1"})
    contract = JSON_CONTRACT.model_copy(update={"source": source})
    assert sent(desk, b'[{"Day": "\xe9"}, {"Day": "\xc3\xa9"}]', contract=contract) == [{"Day": "é"}, {"Day": "é"}]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "x.json is empty; at least one record is needed."),
        (" \n", "x.json is empty; at least one record is needed."),
        ("[]", "x.json has no record; nothing was sent."),
        ('{"sales": []}', "x.json has no record; nothing was sent."),
        ('[{"Day": 1},\n {"Day": tru}]', "x.json is broken JSON at line 2, column 10: Expecting value."),
        ('[{"Day": 1}', "x.json is broken JSON at line 1, column 12: , is expected."),
        ('[{"Day": 1}]\n[]', "x.json is broken JSON at line 2, column 1: something follows the document's end; "),
        ('{"Day": 1}\n{"Day": 2}', "x.json is broken JSON at line 2, column 1: something follows the document's end; "),
        ('{"sales": [{"Day": 1}]', "x.json is broken JSON at line 1, column 23: } is expected."),
        ("[1, 2]", "x.json: no record can be read; of the first, the record is no JSON object."),
        (
            '[{"Dy": 1}]',
            "x.json: no record has a name that shop knows (Day, Item); the first has Dy.",
        ),
        ("[" * 100_000, "x.json is broken JSON at line 1, column 2: it is nested too deeply."),
        ('{"Day": 1}'.encode("utf-16"), "x.json is written in UTF-16; save it as UTF-8 text."),
    ],
)
def test_a_broken_document_is_refused_with_its_place(desk: Desk, content: str | bytes, said: str) -> None:
    assert refusal(desk, content).startswith(said)


def test_a_record_that_is_too_large_is_refused(desk: Desk) -> None:
    assert refusal(desk, '[{"Day": "' + "x" * (9 << 20) + '"}]').startswith("x.json: record 1 at line 1 is too large")


def test_a_name_of_our_own_in_a_file_is_told(desk: Desk) -> None:
    (_, told) = sent(desk, '{"Day": 1}\n{"@message": 1}', name="x.jsonl")
    assert told[0] == "the record has a value called @message, which is a name of Millrace's own"
    desk.broker.partitions.clear()
    assert refusal(desk, "Day,Item,@published\n1,a,b\n", name="y.csv") == (
        "y.csv: the column @published has a name of Millrace's own; give it another one."
    )


def test_a_format_the_feed_does_not_take_is_refused(desk: Desk) -> None:
    assert refusal(desk, "[]", contract=CONTRACT) == "x.json: the feed shop does not take JSON; give it a file .csv."


@pytest.mark.parametrize("packed_name", ["x.csv.gz", "x.csv.GZ"])
def test_a_packed_file_is_what_it_holds(desk: Desk, packed_name: str) -> None:
    plain = desk.send("Day,Item\n1,a\n")
    packed = desk.send(gzip.compress(b"Day,Item\n1,a\n"), name=packed_name)
    assert (packed.source, packed.name) == (plain.source, "x.csv")
    said = refusal(Desk(desk.folder, desk.journal), gzip.compress(b"Day,Item\n1,a\n")[:-4], name="y.csv.gz")
    assert said.endswith("y.csv.gz is no whole gzip file; it was cut off, or is something else.")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_the_one_that_shows_the_required_columns(desk: Desk, delimiter: str) -> None:
    content = f"Day{delimiter}Item\n1{delimiter}a\n"
    assert sent(desk, content, name="x.csv") == [{"Day": "1", "Item": "a"}]


def test_a_delimiter_nobody_declared_is_named(desk: Desk) -> None:
    assert refusal(desk, "Day|Item\n1|a\n", name="x.csv") == (
        "x.csv: its columns are parted by bars, the feed shop wants commas or semicolons or tabs."
    )


def test_a_required_column_may_have_another_name(desk: Desk) -> None:
    known = CONTRACT.model_dump(by_alias=True, exclude_defaults=True)
    known["columns"] = [known["columns"][0] | {"also": ["Jour"]}, *known["columns"][1:]]
    assert sent(desk, "Jour,Item\n1,a\n", "x.csv", Contract.model_validate(known)) == [{"Jour": "1", "Item": "a"}]


PUBLISHED = contract_with(
    PUBLISHED_COLUMN,
    published={"name": r"^shop-(\d{4}-\d\d-\d\d)", "greatest": "sold"},
    columns=[
        *CONTRACT.model_dump(by_alias=True, exclude_defaults=True)["columns"],
        PUBLISHED_COLUMN,
        {"from": "Sold", "also": ["Vendu"], "name": "sold", "type": "date", "formats": ["dd/MM/yyyy"], "comment": "d"},
    ],
)


@pytest.mark.parametrize(
    ("name", "content", "day"),
    [
        ("shop-2021-03-14.csv", "Day,Item\n1,a\n", "2021-03-14"),
        ("shop-2021-03-14.csv", "Day,Item,Sold\n1,a,01/01/2022\n", "2021-03-14"),
        ("shop-2021-13-14.csv", "Day,Item,Sold\n1,a,01/02/2022\n", "2022-02-01"),
        ("x.csv", "Day,Item,Sold\n1,a,01/02/2022\n1,a,nonsense\n1,a, 03/02/2022\n1,b,02/02/2022\n1\n", "2022-02-03"),
        ("x.csv", "Day,Item,Sold,Vendu\n1,a,,01/02/2022\n", "2022-02-01"),
        ("x.json", '[{"Day": 1, "Sold": "01/02/2022"}]', "2022-02-01"),
    ],
)
def test_the_day_of_publication_is_in_every_record(desk: Desk, name: str, content: str, day: str) -> None:
    found = sent(desk, content, name, PUBLISHED)
    assert {data["@published"] for data in found if isinstance(data, dict)} == {day}


def test_a_file_without_a_day_of_publication_is_refused(desk: Desk) -> None:
    assert refusal(desk, "Day,Item,Sold\n1,a,soon\n", "x.csv", PUBLISHED) == (
        r"x.csv: the day it was published is not to be found; its name must hold it as in ^shop-(\d{4}-\d\d-\d\d), "
        "or its column Sold a day that can be read."
    )


def test_a_replacing_json_file_names_the_old_one_and_keeps_its_day(desk: Desk) -> None:
    first = desk.send('[{"Day": 1}]', name="shop-2021-03-14.json", contract=PUBLISHED)
    desk.send('[{"Day": 2}]', name="shop-2021-03-14.json", contract=PUBLISHED, again="replace")
    assert desk.events[-1]["replaces"] == first.source
    assert desk.events[-1]["data"] == {"Day": "2", "@published": "2021-03-14"}


def test_what_a_file_came_from_is_told(desk: Desk) -> None:
    desk.send('{"Day": 1}\n{', name="x.jsonl", contract=JSON_CONTRACT, origin="api")
    assert {event["origin"] for event in desk.events} == {"api"}


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(VALUES, max_size=6), st.integers(1, 40), st.booleans(), st.booleans())
def test_pieces_of_any_size_give_the_same_records(
    records: list[Any], piece: int, indent: bool, under_key: bool
) -> None:

    document = {"a": records, "sales": records, "b": 1} if under_key else records
    text = json.dumps(document, indent=2 if indent else None, ensure_ascii=False)
    before, json_document.PIECE = json_document.PIECE, piece
    try:
        found = list(elements(io.StringIO(text), "sales", "x.json"))
    finally:
        json_document.PIECE = before
    assert [json.loads(element.text) for element in found] == records
    lines = text.split("\n")
    assert all(element.text.split("\n")[0] in lines[element.line - 1] for element in found)


def is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


@given(st.binary(max_size=60) | st.text(alphabet='[]{}",:\\0e- \nsal\x00é', max_size=20).map(str.encode))
@example(b'{"sales": [1, {"a": "\xff"}], "b": [0]}')
@example(b'[{"a": {"@message": 1}}]')
def test_no_bytes_break_the_reader(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    """It takes every JSON document, refuses all else by its file's name, and gives texts or why a record is none."""
    file = tmp_path_factory.mktemp("any") / "x"
    file.write_bytes(content)
    with file.open(encoding="utf-8", errors="surrogateescape", newline="") as text:
        try:
            found = [element.text for element in elements(text, "sales", "x.json")]
        except Refused as refused:
            assert str(refused).startswith("x.json ")
            assert not is_json(content.decode(errors="surrogateescape"))
            return
    assert is_json(content.decode(errors="surrogateescape"))
    for record in found:
        try:
            assert all(isinstance(value, str) for value in read_record(record).values())
        except NotJson as why:
            assert str(why)


def test_a_flat_record_is_read_back_from_its_event(desk: Desk) -> None:
    desk.send(orjson.dumps([{"Day": "1", "Item": "é\n"}]), name="x.json", contract=JSON_CONTRACT)
    assert desk.events[0]["data"] == {"Day": "1", "Item": "é\n"}
