"""Workbooks, Parquet and JSON lines: sent as the CSV that they hold, and proposed as feeds."""

import errno
import io
import os
import zipfile
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lab.commands.new_feed import asking
from lab.new_feed.proposal import Choices, Proposed, propose_contract
from lab.new_feed.readme import written
from millrace import whole_file
from millrace.errors import Refused, disk_full
from producer.files import errors
from producer.files import spool as spooling
from producer.files.errors import Unusable
from producer.files.spool import spool
from producer.files.table_file import write_as_csv
from tests.unit.producer.files.desk import CONTRACT, Desk, refusal, sent
from tests.unit.producer.files.workbooks import Rows, ods, xlsx
from tests.unit.spark.records import event, rows

pytestmark = pytest.mark.host
SHOP: Rows = [["Day", "Item", "Note"], ["2026-01-02", "a, b", 5], ["2026-01-03", "ü", None]]
SENT = [
    {"Day": "2026-01-02", "Item": "a, b", "Note": "5"},
    {"Day": "2026-01-03", "Item": "ü", "Note": ""},
]


def parquet(columns: dict[str, Any]) -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.table(columns), file)
    return file.getvalue()


@pytest.mark.parametrize("declared", [",", ";"])
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.xlsx", xlsx({"One": SHOP, "Two": []})),
        ("x.csv", xlsx({"One": SHOP})),
        ("x.ods", ods(SHOP)),
        ("x.parquet", parquet({"Day": ["2026-01-02", "2026-01-03"], "Item": ["a, b", "ü"], "Note": [5, None]})),
    ],
)
def test_a_table_is_sent_as_what_it_holds(desk: Desk, name: str, content: bytes, declared: str) -> None:
    layout = CONTRACT.source.model_copy(update={"delimiter": declared, "encoding": "cp1252"})
    assert sent(desk, content, name, CONTRACT.model_copy(update={"source": layout})) == SENT


def test_the_sheet_is_the_one_that_is_named(tmp_path: Path) -> None:
    file = tmp_path / "x.xlsx"
    file.write_bytes(xlsx({"One": SHOP, "Two": [["Day", "Item"], ["1", "z"]]}))
    first, second = (spool(file, tmp_path / "spool", sheet) for sheet in ("", "Two"))
    assert second.path.read_text() == "Day,Item\n1,z\n"
    assert (first.name, second.name, first.sha256 == second.sha256) == ("x.xlsx", "x.xlsx#Two", False)
    with pytest.raises(Refused) as refused:
        spool(file, tmp_path / "spool", "Tow")
    assert str(refused.value) == "x.xlsx has no sheet 'Tow'; it has One, Two."


def test_a_table_of_other_columns_is_refused(desk: Desk) -> None:
    assert refusal(desk, xlsx({"One": [["Day"], ["1"]]}), "x.xlsx").startswith(
        "x.xlsx: the column Item of shop is missing"
    )


def test_a_damaged_parquet_file_is_told(desk: Desk) -> None:
    content = parquet({"Day": [f"{number:09}" for number in range(5000)], "Item": ["x"] * 5000})
    damaged = content[:100] + b"\xff" * 2000 + content[2100:]
    assert refusal(desk, damaged, "x.parquet").startswith("x.parquet is no whole Parquet file: ")
    assert refusal(desk, content[:-50], "x.parquet") == "x.parquet is a Parquet file; save its table as CSV."


def stored(made: Proposed, file: Path, scratch: Path) -> list[Any]:
    reading = spool(file, scratch / "spool").path.read_text().splitlines()
    names = reading[0].split(",")
    values = [dict(zip(names, line.split(","), strict=True)) for line in reading[1:]]
    return rows(made.contract, [event(made.contract, texts, row) for row, texts in enumerate(values, 1)])


def proposed(file: Path, content: bytes, sheet: str = "") -> Proposed:
    file.write_bytes(content)
    return propose_contract(file, "trial", file.parent, Choices(asking(""), sheet=sheet))


def test_a_feed_is_proposed_from_a_workbook(tmp_path: Path) -> None:
    table: Rows = [
        ["At", "Pieces", "Price", "Code"],
        [datetime(2026, 1, 2, 9, 30), 5, 2.5, "007"],
        [datetime(2026, 1, 3), 7, 3.25, "008"],
    ]
    made = proposed(tmp_path / "x.xlsx", xlsx({"One": table}))
    kinds = {column.name: column.type for column in made.columns}
    assert (
        kinds
        == {"when": "datetime", "pieces": "int", "price": "decimal(9,2)", "code": "varchar(20)"}
        | {name: kind for name, kind in kinds.items() if name.endswith("_when")}
        or kinds["pieces"] == "int"
    )
    assert written(made.inspected) == "a workbook or Parquet file"
    found = stored(made, tmp_path / "x.xlsx", tmp_path)
    assert [row.reasons for row in found] == [None, None]
    assert [(row.pieces, row.price, row.code) for row in found] == [
        (5, Decimal("2.50"), "007"),
        (7, Decimal("3.25"), "008"),
    ]


def test_a_title_above_a_workbooks_table_is_passed_over(tmp_path: Path) -> None:
    table: Rows = [["Report of May"], [], ["town", "sold", "more"], ["Rome", 5, 1], ["Oslo", 7, 2]]
    made = proposed(tmp_path / "x.xlsx", xlsx({"One": table}))
    assert ([column.name for column in made.columns], made.inspected.passed) == (
        ["town", "sold", "more"],
        ("Report of May",),
    )


def test_parquet_keeps_its_values(tmp_path: Path) -> None:
    content = parquet({
        "day": [date(2026, 1, 2), date(2026, 1, 3)],
        "at": pa.array([datetime(2026, 1, 2, 3, 4, 5), None], pa.timestamp("ns")),
        "amount": [Decimal("12345678901234567890.10"), Decimal("1.00")],
        "big": [2**62, 1],
        "ratio": [1e-7, 123456789.5],
        "isit": [True, False],
    })  # fmt: skip
    made = proposed(tmp_path / "x.parquet", content)
    found = stored(made, tmp_path / "x.parquet", tmp_path)
    assert [row.reasons for row in found] == [None, None]
    assert [(row.day, row.at, row.isit) for row in found] == [
        (date(2026, 1, 2), datetime(2026, 1, 2, 3, 4, 5), True),
        (date(2026, 1, 3), None, False),
    ]
    assert [str(row.amount) for row in found] == ["12345678901234567890.10", "1.00"]
    assert [(str(row.big), float(row.ratio)) for row in found] == [("4611686018427387904", 1e-7), ("1", 123456789.5)]


def test_a_feed_is_proposed_from_json_lines(tmp_path: Path) -> None:
    lines = b'{"id": 1, "at": {"city": "Rome"}, "sold": 2.50}\n\n'
    lines += b'{"id": 2, "at": {"city": "Oslo"}, "sold": 3, "note": "x"}\n'
    made = proposed(tmp_path / "x.jsonl", lines)
    assert made.contract.source.formats == ("jsonl", "csv")
    assert [(column.header, column.type) for column in made.columns] == [
        ("id", "int"),
        ("at.city", "varchar(20)"),
        ("sold", "decimal(9,2)"),
        ("note", "varchar(20)"),
    ]
    assert (written(made.inspected), made.inspected.count) == ("JSON lines", 2)


def test_json_lines_that_are_none_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        proposed(tmp_path / "x.jsonl", b"a\nb\n")
    assert str(refused.value) == (
        "x.jsonl: 2 of 2 records cannot be read; of the first, at line 1, the record is broken JSON at character 1: "
        "Expecting value."
    )


def test_a_table_that_unpacks_without_end_leaves_others_of_the_disk_a_reserve(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, target = tmp_path / "x.parquet", tmp_path / "x.csv"
    file.write_bytes(parquet({"a": ["x"] * 30_000}))
    free = iter([1 << 40] * 2)
    monkeypatch.setattr(whole_file.shutil, "disk_usage", lambda _folder: SimpleNamespace(free=next(free, 0)))
    with pytest.raises(OSError, match="No space left"):
        write_as_csv(file, target, file.name)
    assert len(target.read_text().splitlines()) < 30_000


def test_a_table_that_unpacks_to_more_than_the_spool_takes_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where few rows make much of it."""
    monkeypatch.setattr(errors, "MOST_UNPACKED", 1 << 20)
    file, target = tmp_path / "x.parquet", tmp_path / "x.csv"
    file.write_bytes(parquet({"a": ["x" * (1 << 18)] * 100}))
    with pytest.raises(Unusable, match=r"^x\.parquet unpacks to more than 0 GB; send it in parts, which "):
        write_as_csv(file, target, file.name)
    assert target.stat().st_size < 2 << 20
    monkeypatch.setattr(errors, "MOST_UNPACKED", 1 << 25)
    assert write_as_csv(file, target, file.name)


def test_a_disk_that_is_full_while_a_table_is_written_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> bool:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    file = tmp_path / "x.parquet"
    file.write_bytes(parquet({"a": ["x"]}))
    monkeypatch.setattr(spooling, "in_bounded_memory", full)
    with pytest.raises(Refused) as refused:
        spool(file, tmp_path / "spool")
    assert str(refused.value) == f"x.parquet was not sent. {disk_full('kafka')}"
    assert list((tmp_path / "spool").iterdir()) == []


def test_two_cells_that_span_more_than_any_memory_are_refused(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "x.xlsx"
    file.write_bytes(last_cell(xlsx({"Sheet": [["Day"]]})))
    with pytest.raises(Unusable) as refused:
        spool(file, tmp_path / "spool")
    assert str(refused.value) == (
        "x.xlsx takes more than 400 MB of memory to read; save the table as CSV, which is read in pieces."
    )
    assert list((tmp_path / "spool").iterdir()) == []
    assert capfd.readouterr().err == ""


def last_cell(workbook: bytes) -> bytes:
    """The same with something in the last cell that a sheet may have."""
    whole = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as before, zipfile.ZipFile(whole, "w") as after:
        for part in before.infolist():
            far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
            after.writestr(part, before.read(part).replace(b"</sheetData>", far))
    return whole.getvalue()
