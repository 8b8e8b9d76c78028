"""Files that no reader expects: `make send` says one sentence, a landing folder puts them aside and goes on."""

import os
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from millrace.record.limits import DEEPEST_ELEMENT, DEEPEST_JSON
from producer.files import send_file
from producer.files.errors import Unusable
from producer.files.send_file import send_spooled
from producer.files.spool import spool
from producer.landing.landing_scan import Landing, Note
from tests.unit.millrace.record.record_cases import DEEP, LONG, LONG_NAME, nested
from tests.unit.producer.files.desk import JSON_CONTRACT, Desk, refusal, sent

GOOD = b'{"Day": 1}'
TOO_DEEP = "x.json is broken JSON at line 1, column 2: it is nested too deeply."
AROUND = [{"Day": "1"}, {"Day": "1"}]


@pytest.mark.parametrize("ending", ["json", "jsonl"])
@pytest.mark.parametrize(
    ("record", "why"),
    [
        (nested(DEEPEST_JSON + 1), DEEP),
        (nested(253), DEEP),
        (nested(DEEPEST_ELEMENT), DEEP),
        (b'{"%bx": 1}' % LONG, LONG_NAME),
        (b'{"\\ud83d": 1, "\\ud83d": 2}', "the record names \\ud83d twice"),
    ],
)
def test_a_record_that_is_too_much_is_kept_with_its_reason(desk: Desk, record: bytes, why: str, ending: str) -> None:
    lines = (GOOD, record, GOOD)
    content = b"[" + b",".join(lines) + b"]" if ending == "json" else b"\n".join(lines)
    raw = record if ending == "json" else record + b"\n"
    assert sent(desk, content, name=f"x.{ending}") == [AROUND[0], (why, raw), AROUND[1]]


@pytest.mark.parametrize("levels", [1000, 5000, 10_000, 100_000])
def test_a_line_is_kept_however_deep(desk: Desk, levels: int) -> None:
    content = b"\n".join((GOOD, nested(levels), GOOD))
    assert sent(desk, content, name="x.jsonl") == [AROUND[0], (DEEP, nested(levels) + b"\n"), AROUND[1]]


@pytest.mark.parametrize("levels", [DEEPEST_ELEMENT + 1, 1000, 5000, 10_000, 100_000])
def test_a_document_in_which_a_record_has_no_end_is_refused(desk: Desk, levels: int) -> None:
    assert refusal(desk, b"[" + nested(levels) + b"," + GOOD + b"]") == TOO_DEEP


@pytest.mark.parametrize(
    ("levels", "said"),
    [
        (DEEPEST_JSON + 1, "x.json has no list 'sales', where shop has its records; it has a."),
        (1000, TOO_DEEP.replace("column 2", "column 6")),
        (10_000, TOO_DEEP.replace("column 2", "column 6")),
    ],
)
def test_a_document_that_is_one_deep_record_is_refused(desk: Desk, levels: int, said: str) -> None:
    assert refusal(desk, nested(levels)) == said


def test_what_nobody_thought_of_is_said_in_a_sentence(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any) -> None:
        raise RecursionError

    monkeypatch.setattr(send_file, "check_file", fails)
    assert refusal(desk, GOOD) == "x.json cannot be read (RecursionError); see the journal."


def test_a_name_that_is_no_text_is_told(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match=r"x\\udcff.csv: the file's name is not UTF-8 text; give it another one."):
        spool(tmp_path / os.fsdecode(b"x\xff.csv"), tmp_path / "spool")


def test_a_landing_folder_puts_them_aside_and_goes_on(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    folder = desk.folder / "landing"
    folder.mkdir()
    (folder / os.fsdecode(b"7\xff")).mkdir()
    files = {
        b"1.json": nested(10_000),
        b"2.json": nested(DEEPEST_JSON + 1),
        b"3.json": b"[" + nested(5000) + b"," + GOOD + b"]",
        b"4\xff.json": GOOD,
        b"5.json": GOOD,
        b"6.jsonl": nested(5000) + b"\n" + GOOD,
    }
    for age, (name, content) in enumerate(files.items()):
        path = folder / os.fsdecode(name)
        path.write_bytes(content)
        os.utime(path, ns=(0, age))
    send: Any = partial(send_spooled, JSON_CONTRACT, outlet=desk.outlet, once=True)
    scan = Landing(folder, lambda path, held: spool(path, desk.folder / "spool", descriptor=held), send).scan()
    assert [(result.name, result.sent, result.unreadable) for result in scan.sent] == [
        ("5.json", 1, 0),
        ("6.jsonl", 2, 1),
    ]
    aside = {os.fsencode(path.name): path for path in (folder / "quarantine").glob("[!.]*")}
    assert sorted(aside) == sorted(name + end for name in list(files)[:4] for end in (b"", b".reason"))
    assert [aside[name + b".reason"].read_text() for name in list(files)[:4]] == [
        "1.json is broken JSON at line 1, column 6: it is nested too deeply.\n",
        "2.json has no list 'sales', where shop has its records; it has a.\n",
        "3.json is broken JSON at line 1, column 2: it is nested too deeply.\n",
        "4\\udcff.json: the file's name is not UTF-8 text; give it another one.\n",
    ]
    assert [path.name for path in folder.iterdir() if path.is_file()] == []
    assert scan.notes == [Note("7\\udcff", "trouble", "it is a folder; put single files here")]
    assert all(record.getMessage().isprintable() for record in caplog.records)
