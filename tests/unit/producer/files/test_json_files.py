"""JSON and JSON lines: which records are sent, and why a document or a record is not."""

import orjson
import pytest

from millrace.errors import Refused
from tests.unit.producer.files.desk import JSON_CONTRACT, Desk, contract_with, refusal, sent

MESSAGE_COLUMN = {"from": "@message", "name": "message", "type": "json", "comment": "All of it"}


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


LISTS = {"shop": {"Kind": "shop"}, "web": {"Kind": "web"}}


@pytest.mark.parametrize(
    ("document", "records"),
    [
        (
            '{"x": 1, "sales": {"shop": [{"Day": 1}, {"Day": 2, "Kind": "own"}], "web": {"Day": 3}}, "y": []}',
            [{"Kind": "shop", "Day": "1"}, {"Kind": "own", "Day": "2"}, {"Kind": "web", "Day": "3"}],
        ),
        ('{"web": [{"Day": 1}], "shop": []}', [{"Kind": "web", "Day": "1"}]),
        ('{"sales": [{"Day": 1}]}', [{"Day": "1"}]),
        ('{"sales": {"Day": 1}}', [{"Day": "1"}]),
        ('{"Day": 1, "shop": "none"}', [{"Day": "1", "shop": "none"}]),
    ],
)
def test_records_may_stand_in_several_lists(desk: Desk, document: str, records: list[dict[str, str]]) -> None:
    layout = JSON_CONTRACT.source.model_copy(update={"lists": LISTS})
    contract = JSON_CONTRACT.model_copy(update={"source": layout})
    assert sent(desk, document, contract=contract) == records


def test_a_list_that_nobody_knows_is_told(desk: Desk) -> None:
    layout = JSON_CONTRACT.source.model_copy(update={"lists": LISTS})
    desk_contract = JSON_CONTRACT.model_copy(update={"source": layout})
    with pytest.raises(Refused) as refused:
        desk.send('{"sales": {"shop": [], "post": []}}', name="x.json", contract=desk_contract)
    assert str(refused.value) == (
        "x.json is broken JSON at line 1, column 31: under sales stands 'post', which is none of shop, web."
    )


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
    layout = JSON_CONTRACT.source.model_copy(update={"fallback_encoding": "latin-1"})
    contract = JSON_CONTRACT.model_copy(update={"source": layout})
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
        ('{"type": "Feature", "x": NaN}', "x.json has no list 'sales', where shop has its records; it has type, x."),
        ('{"type": "Feature", "of": [1]}', "x.json has no list 'sales', where shop has its records; it has type, of."),
        ("[" * 100_000, "x.json is broken JSON at line 1, column 2: it is nested too deeply."),
    ],
)
def test_a_broken_document_is_refused_with_its_position(desk: Desk, content: str | bytes, said: str) -> None:
    assert refusal(desk, content).startswith(said)


def test_a_record_that_is_too_large_is_refused(desk: Desk) -> None:
    assert refusal(desk, '[{"Day": "' + "x" * (9 << 20) + '"}]').startswith("x.json: record 1 at line 1 is too large")


def test_a_name_of_our_own_in_a_file_is_told(desk: Desk) -> None:
    (_, reasons) = sent(desk, '{"Day": 1}\n{"@message": 1}', name="x.jsonl")
    assert reasons[0] == "the record has a value called @message, which is a name of Millrace's own"
    desk.broker.partitions.clear()
    assert refusal(desk, "Day,Item,@published\n1,a,b\n", name="y.csv") == (
        "y.csv: the column @published has a name of Millrace's own; give it another one."
    )


def test_a_flat_record_is_read_back_from_its_event(desk: Desk) -> None:
    desk.send(orjson.dumps([{"Day": "1", "Item": "é\n"}]), name="x.json", contract=JSON_CONTRACT)
    assert desk.events[0]["data"] == {"Day": "1", "Item": "é\n"}
