"""Arrow batches written for LOAD DATA read back as the same values, whatever the texts hold."""

from datetime import date, datetime
from decimal import Decimal
from io import BytesIO

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from spark.load.tsv import write_lines

AWKWARD = [
    "",
    "\\N",
    "N",
    "\\",
    "\\\\n",
    "a\tb",
    "line\nend",
    "\r\n",
    "\0",
    "'; DROP TABLE x; --",
    '"quoted"',
    "😀 é",
    None,
]
TEXT = st.one_of(st.none(), st.sampled_from(AWKWARD), st.text(), st.text(alphabet="\\\t\n\r\0Nntr0ab"))
UNESCAPED = {"t": "\t", "n": "\n", "r": "\r", "0": "\0", "\\": "\\"}


def read_lines(content: bytes) -> list[list[str | None]]:
    """What MySQL reads: fields end at a tab, lines at a line end, a backslash gives the next sign its meaning."""
    lines: list[list[str | None]] = []
    fields: list[str | None] = []
    field = ""
    signs = iter(content.decode())
    is_null = False
    for sign in signs:
        if sign == "\\":
            following = next(signs)
            is_null = is_null or following == "N"
            field += UNESCAPED.get(following, following)
        elif sign in "\t\n":
            fields.append(None if is_null else field)
            field, is_null = "", False
            if sign == "\n":
                lines.append(fields)
                fields = []
        else:
            field += sign
    assert field == ""
    return lines


def written(batch: pa.RecordBatch) -> bytes:
    file = BytesIO()
    write_lines(batch, file)
    return file.getvalue()


@given(st.lists(st.tuples(TEXT, TEXT, st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1))), max_size=20))
def test_every_value_comes_back(rows: list[tuple[str | None, str | None, int | None]]) -> None:
    columns = list(zip(*rows, strict=True)) or [(), (), ()]
    types = [pa.string(), pa.large_string(), pa.int64()]
    arrays = [pa.array(values, kind) for values, kind in zip(columns, types, strict=True)]
    batch = pa.record_batch(arrays, names=["a", "b", "c"])
    expected = [[a, b, None if c is None else str(c)] for a, b, c in rows]
    assert read_lines(written(batch)) == expected


@given(st.lists(TEXT, min_size=3, max_size=12))
def test_a_slice_writes_its_own_rows_only(values: list[str | None]) -> None:
    batch = pa.record_batch([pa.array(values), pa.array(range(len(values)))], names=["text", "number"]).slice(1, 2)
    assert read_lines(written(batch)) == [[values[1], "1"], [values[2], "2"]]


def test_the_bytes_as_they_stand() -> None:
    batch = pa.record_batch(
        {
            "text": pa.array(["a\tb\\N", "", None]),
            "flag": pa.array([True, False, None]),
            "day": pa.array([date(2014, 1, 31), None, None]),
            "moment": pa.array([datetime(2014, 1, 31, 7, 6, 5, 123000), None, None], pa.timestamp("us")),
            "amount": pa.array([Decimal("-12.30"), None, Decimal("0.00")], pa.decimal128(10, 2)),
            "number": pa.array([1.5, None, 1e300]),
        }
    )
    assert written(batch) == (
        b"a\\tb\\\\N\t1\t2014-01-31\t2014-01-31 07:06:05.123000\t-12.30\t1.5\n"
        b"\t0\t\\N\t\\N\t\\N\t\\N\n"
        b"\\N\t\\N\t\\N\t\\N\t0.00\t1e+300\n"
    )
