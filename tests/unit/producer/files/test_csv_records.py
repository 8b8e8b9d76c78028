"""CSV to records: nothing vanishes, whatever the quotes do."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from millrace.contract.contract import FileLayout
from producer.files.csv_records import Record, read_records

PLAIN = FileLayout()
CELL = st.text(st.characters(codec="utf-8"), max_size=12)
ROWS = st.lists(st.tuples(CELL, CELL, CELL), max_size=8)


def records(content: bytes, width: int = 3, layout: FileLayout = PLAIN) -> list[Record]:
    return list(read_records(io.BytesIO(content), layout, width))


def fields_or_why(content: bytes, width: int = 3, layout: FileLayout = PLAIN) -> list[list[str] | str]:
    """The fields of the readable records, and why the others are not."""
    return [record.why if record.fields is None else record.fields for record in records(content, width, layout)]


@given(ROWS, st.sampled_from(["\n", "\r\n"]), st.sampled_from([",", ";", "\t", "|"]))
def test_whatever_a_csv_writer_writes_is_read_back(rows: list[tuple[str, str, str]], end: str, delimiter: str) -> None:
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL).writerows(rows)
    read = records(file.getvalue().encode(), layout=FileLayout(delimiter=delimiter))
    assert [tuple(record.fields or ()) for record in read] == rows
    assert [record.row for record in read] == list(range(1, len(rows) + 1))


@given(st.binary(max_size=200))
def test_every_byte_that_is_no_blank_line_stays_in_a_record(content: bytes) -> None:
    kept = b"".join(record.raw for record in records(content))
    assert kept.replace(b"\r", b"").replace(b"\n", b"") == content.replace(b"\r", b"").replace(b"\n", b"")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"a,b,c\n", [["a", "b", "c"]]),
        (b"a,b,c", [["a", "b", "c"]]),
        (b"a,b,c\r\nd,e,f\r\n", [["a", "b", "c"], ["d", "e", "f"]]),
        (b"a,,\n", [["a", "", ""]]),
        (b"\n\na,b,c\n\n", [["a", "b", "c"]]),
        (b'a,"x\ny, ""z""",c\n', [["a", 'x\ny, "z"', "c"]]),
        (b'a,6" pipe,c\n', [["a", '6" pipe', "c"]]),
        (b"a,\x00,c\n", [["a", "\x00", "c"]]),
        (b"a,\t\\N,'; DROP TABLE x; --\n", [["a", "\t\\N", "'; DROP TABLE x; --"]]),
        ("a,😀,é\n".encode(), [["a", "😀", "é"]]),
        (b"a,b\n", ["the row has 2 fields, the header has 3"]),
        (b"a,b,c,d\n", ["the row has 4 fields, the header has 3"]),
        (b"a,\xff\xfe,c\nd,e,f\n", ["the row is not UTF-8 text", ["d", "e", "f"]]),
        (b"a,b\rc,d\n1,2,3\n", ["a carriage return stands outside quotes", ["1", "2", "3"]]),
        (b'a,"b"c,d\n1,2,3\n', ["a quoted field goes on behind its closing quote", ["1", "2", "3"]]),
        (b'a,b,"c\n1,2,3\n4,5,6\n', ["a quote is opened and never closed", ["1", "2", "3"], ["4", "5", "6"]]),
        (
            b'a,"b,c\nd,"e,f\n1,2,3\n',
            ["a quoted field goes on behind its closing quote", "a quote is opened and never closed", ["1", "2", "3"]],
        ),
    ],
)
def test_records_are_read_or_said_why_not(content: bytes, expected: list[list[str] | str]) -> None:
    assert fields_or_why(content) == expected


def test_a_record_knows_its_number_and_its_line() -> None:
    read = records(b'a,"x\ny",c\n\n1,2,3\n')
    assert [(record.row, record.line) for record in read] == [(1, 2), (2, 5)]


def test_a_field_of_two_megabytes_is_read() -> None:
    large = "x" * 2_000_000
    assert fields_or_why(f"a,{large},c\n".encode()) == [["a", large, "c"]]


def test_ten_thousand_broken_lines_cost_no_more_than_their_number() -> None:
    assert len(records(b'a,"b"c,d\n' * 10_000)) == 10_000


def test_the_declared_fallback_reads_what_is_not_utf_8() -> None:
    layout = FileLayout(fallback_encoding="windows-1252")
    assert fields_or_why("a,Réa,c\n".encode("windows-1252"), layout=layout) == [["a", "Réa", "c"]]
    assert fields_or_why(b"a,\x81,c\n", layout=layout) == ["the row is not UTF-8 text"]
    assert fields_or_why("a,Réa,c\n".encode(), layout=layout) == [["a", "Réa", "c"]]
