"""The reader of JSON documents, over any document in pieces of any size, and over any bytes."""

import io
import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from millrace.errors import Refused
from millrace.record.json_record import NotJson
from producer.files import json_document
from producer.files.json_document import Document
from producer.files.json_file import read_record

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
        found = list(Document(io.StringIO(text), "x.json", "sales", {}).elements())
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
            found = [element.text for element in Document(text, "x.json", "sales", {}).elements()]
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
