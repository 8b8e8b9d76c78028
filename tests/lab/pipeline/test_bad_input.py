"""Bad input on the real machines: every record lands right or in quarantine with column, value and reason."""

import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import pytest

from lab.host import remote
from lab.observe.warehouse import Counts, counts_of_source
from tests.lab.tools import Sum, Warehouse, printed_sum, run_send, source_of, wait_until
from tests.own_feed import FEED, GOOD, HEADER, LANDING, committed_ends, line, topic_ends

NUL = "\0"


@dataclass(frozen=True)
class Case:
    """Lines below a header; the values wanted per landed row, the (column, value, reason) per refused one."""

    name: str
    lines: list[str | bytes]
    landed: dict[int, dict[str, Any]] = field(default_factory=dict)
    refused: dict[int, tuple[str | None, str | None, str]] = field(default_factory=dict)
    header: str = HEADER
    newline: bytes = b"\n"
    prefix: bytes = b""

    def content(self, nonce: str) -> bytes:
        """The file; its last record carries the nonce, so that the file is like no other."""
        last = {**GOOD, "Name": nonce}
        lines = [self.header, *self.lines, ",".join(last.get(name, "") for name in self.header.split(","))]
        encoded = [each if isinstance(each, bytes) else each.encode() for each in lines]
        return self.prefix + self.newline.join(encoded) + self.newline


TWO_MB = "x" * (2 * 2**20)
SQL = 'Robert\'); DROP TABLE parcel;-- "x" `y` % _ \\ \\N \\t \\0 ${x} {{y}}'

CASES = [
    Case(
        "a comma in an unquoted text shifts the columns",
        [line(Name="12, Broad Street")],
        refused={1: (None, None, "the row has 9 fields, the header has 8")},
    ),
    Case("too few fields", ["2014,AK"], refused={1: (None, None, "the row has 2 fields, the header has 8")}),
    Case("wrong type", [line(Sender="abc")], refused={1: ("sender", "abc", "is not a whole number")}),
    Case(
        "a fraction is no whole number",
        [line(Weight="6.5")],
        refused={1: ("weight", "6.5", "is not a whole number")},
    ),
    Case("out of range, too small", [line(Year="2013")], refused={1: ("year", "2013", "is below 2014")}),
    Case("out of range, too large", [line(Sender="100000")], refused={1: ("sender", "100000", "is above 99999")}),
    Case(
        "too large for its type",
        [line(Year="99999")],
        refused={1: ("year", "99999", "is outside smallint, -32768 to 32767")},
    ),
    Case(
        "impossible date",
        [line(Posted="2/30/2014 7:06"), line(Posted="2014-13-01 00:00:00")],
        refused={
            row: ("posted_at", value, "is no date and time of the form yyyy-MM-dd HH:mm:ss or M/d/yyyy H:mm")
            for row, value in ((1, "2/30/2014 7:06"), (2, "2014-13-01 00:00:00"))
        },
    ),
    Case("missing required value", [line(State="")], refused={1: ("state", None, "is required and empty")}),
    Case("blank required value", [line(State="   ")], refused={1: ("state", None, "is required and empty")}),
    Case("wrong shape", [line(Route="AK-1")], refused={1: ("route", "AK-1", "does not match [A-Z]{2}N[0-9]{3}")}),
    Case("no boolean", [line(Fragile="perhaps")], refused={1: ("fragile", "perhaps", "is none of")}),
    Case(
        "not UTF-8",
        [line(Name="Caf\xe9").encode("latin-1")],
        refused={1: (None, None, "the row is not UTF-8 text")},
    ),
    Case(
        "2 MB where 255 characters fit",
        [line(Name=TWO_MB)],
        refused={1: ("name", TWO_MB[:200], "is longer than 255 characters")},
    ),
    Case(
        "a quote that is never closed",
        [line(Name='"open'), line(Name="after")],
        landed={2: {"name": "after"}},
        refused={1: (None, None, "a quote is opened and never closed")},
    ),
    Case("BOM", [line()], landed={1: {"year": 2014}}, prefix=b"\xef\xbb\xbf"),
    Case("CRLF", [line(Fragile="Yes")], landed={1: {"fragile": 1}}, newline=b"\r\n"),
    Case(
        "quotes and newlines inside fields",
        [line(Name='"a ""quoted"" name\nover two lines, with a comma"'), line(Name="next")],
        landed={1: {"name": 'a "quoted" name\nover two lines, with a comma'}, 2: {"name": "next"}},
    ),
    Case(
        "SQL metacharacters, tabs, backslash N",
        [
            line(Name='"' + SQL.replace('"', '""') + '"'),
            line(Name="\\N"),
            line(Name="a\tb"),
            line(Name="ends with \\"),
        ],
        landed={
            1: {"name": SQL},
            2: {"name": "\\N"},
            3: {"name": "a\tb"},
            4: {"name": "ends with \\"},
        },
    ),
    Case("NUL bytes", [line(Name=f"a{NUL}b")], landed={1: {"name": f"a{NUL}b"}}),
    Case("emoji", [line(Name="Santé 🩺 健康 👨‍👩‍👧")], landed={1: {"name": "Santé 🩺 健康 👨‍👩‍👧"}}),
    Case(
        "index columns without a name are dropped, unknown columns are kept",
        [f"7,{line()},new", f"8,{line()},"],
        landed={1: {"extra": {"Unknown": "new"}}, 2: {"extra": {"Unknown": ""}}},
        header=f",{HEADER},Unknown",
    ),
    Case(
        "2 MB in a column the contract does not know",
        [f"{line()},{TWO_MB}"],
        landed={1: {"extra": {"Unknown": TWO_MB}}},
        header=f"{HEADER},Unknown",
    ),
]


REFUSED_FILES = [
    ("empty.csv", b"", "empty.csv is empty; a header and at least one record are needed."),
    ("header.csv", HEADER.encode() + b"\n", "header.csv has a header but no record; nothing was sent."),
    (
        "column.csv",
        HEADER.replace("Sender,", "SenderCode,").encode() + b"\n" + line().encode(),
        "column.csv: the column Sender of parcel is missing; did you mean SenderCode?",
    ),
    (
        "twice.csv",
        f"{HEADER},State\n{line()},AK\n".encode(),
        "twice.csv: the header names State more than once; give each column its own name.",
    ),
    (
        "semicolons.csv",
        f"{HEADER}\n{line()}\n".replace(",", ";").encode(),
        "semicolons.csv: its columns are parted by semicolons, the feed parcel wants commas.",
    ),
    ("utf16.csv", f"{HEADER}\n{line()}\n".encode("utf-16"), "utf16.csv is written in UTF-16; save it as UTF-8 text."),
    (
        "huge.csv",
        f"{HEADER}\n{line(Name='x' * 9 * 2**20)}\n".encode(),
        "huge.csv: record 1 at line 2 is too large (9,437,428 bytes as an event, 8,387,584 are allowed); "
        "shorten it, or look for a quote that is never closed.",
    ),
]


@pytest.fixture(scope="module")
def landed(parcel: None, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """By name, each file: all were put into the landing folder at once, and what they brought is committed."""
    folder = tmp_path_factory.mktemp("files")
    files = {name: folder / name for name, _, _ in REFUSED_FILES}
    for name, content, _ in REFUSED_FILES:
        files[name].write_bytes(content)
    for case in CASES:
        nonce = uuid4().hex[:12]
        files[case.name] = folder / f"{nonce}.csv"
        files[case.name].write_bytes(case.content(nonce))
    packed = subprocess.run(["tar", "-C", folder, "-c", "."], capture_output=True, check=True).stdout
    unpack = f"cd $(mktemp -d -p /var/tmp) && tar -x && chmod a+r *.csv && mv *.csv {LANDING}"
    subprocess.run(remote.command("kafka", unpack), input=packed, check=True)
    wait_until(lambda: not remote.run("kafka", f"ls {LANDING} | grep '[.]csv$' || true"), "all files are dealt with")
    wait_until(lambda: committed_ends() == topic_ends(), "what they brought is committed")
    return files


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_record_lands_right_or_in_quarantine(case: Case, mysql: Warehouse, landed: dict[str, Path]) -> None:
    good, bad = len(case.landed) + 1, len(case.refused)
    source = source_of(FEED, landed[case.name])
    assert counts_of_source(mysql.connection, FEED, source, 0) == Counts(good + bad, good, 0, 0, bad)
    assert_landed(mysql, source, case.landed, good)
    assert_refused(mysql, source, case.refused)


@pytest.mark.usefixtures("parcel")
def test_sent_again_landed_and_refused_records_alike_are_duplicates(
    mysql: Warehouse, tmp_path: Path, nonce: str
) -> None:
    file = tmp_path / f"{nonce}.csv"
    file.write_bytes(Case("all at once", [each for case in CASES[:3] for each in case.lines]).content(nonce))
    assert printed_sum(run_send(FEED, file)) == Sum(4, 1, 0, 0, 3)
    source = source_of(FEED, file)
    before = mysql.rows("SELECT * FROM v_quarantine WHERE source_id = :source ORDER BY row_no", source=source)
    again = run_send(FEED, file)
    assert (printed_sum(again), again.code) == (Sum(4, 0, 0, 4, 0), 0)
    assert mysql.rows("SELECT * FROM v_quarantine WHERE source_id = :source ORDER BY row_no", source=source) == before
    assert_landed(mysql, source, {}, 1)


@pytest.mark.parametrize(("name", "sentence"), [(name, sentence) for name, _, sentence in REFUSED_FILES])
def test_a_file_that_cannot_be_the_feeds_is_refused_with_one_sentence(
    name: str, sentence: str, mysql: Warehouse, landed: dict[str, Path]
) -> None:
    assert remote.run("kafka", f"cat {LANDING}/quarantine/{name}.reason") == f"{sentence}\n"
    source = source_of(FEED, landed[name])
    assert mysql.one(f"SELECT COUNT(*) FROM {FEED} WHERE source_id = :source", source=source) == 0


@pytest.mark.usefixtures("parcel")
def test_make_send_refuses_such_a_file_with_the_same_sentence(lab: object, tmp_path: Path) -> None:
    name, content, sentence = REFUSED_FILES[2]
    file = tmp_path / name
    file.write_bytes(content)
    run = run_send(FEED, file)
    assert (run.code, run.said) == (1, f"✗ {sentence}")


def test_an_unknown_feed_is_refused_with_the_nearest_name(lab: object, tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_text(f"{HEADER}\n{line()}\n")
    run = run_send("insurance_netwrk", file)
    assert (run.code, run.said) == (1, "✗ There is no feed 'insurance_netwrk'; did you mean insurance_network?")


@pytest.mark.usefixtures("parcel")
def test_a_missing_file_and_a_folder_are_refused(lab: object, tmp_path: Path) -> None:
    missing = run_send(FEED, tmp_path / "none.csv")
    hint = "check the path (FILE=… is read from the folder you stand in)"
    assert (missing.code, missing.said) == (1, f"✗ There is no file {tmp_path}/none.csv: {hint}.")
    folder = run_send(FEED, tmp_path)
    assert (folder.code, folder.said) == (1, f"✗ {tmp_path} is a folder: name one file in it.")


def assert_landed(mysql: Warehouse, source: int, wanted: dict[int, dict[str, Any]], rows: int) -> None:
    """The source's committed rows: as many as wanted, with the wanted values."""
    found = {
        row["row_no"]: row for row in mysql.rows(f"SELECT * FROM v_{FEED} WHERE source_id = :source", source=source)
    }
    assert len(found) == rows
    for number, values in wanted.items():
        shown = {**found[number], "extra": orjson.loads(found[number]["extra"] or "{}")}
        assert {name: shown[name] for name in values} == values


def assert_refused(mysql: Warehouse, source: int, wanted: dict[int, tuple[str | None, str | None, str]]) -> None:
    """The source's records in quarantine: each once, with its first reason."""
    found = mysql.rows(
        "SELECT row_no, reasons, LENGTH(raw) AS size FROM v_quarantine WHERE source_id = :source", source=source
    )
    assert {row["row_no"] for row in found} == set(wanted)
    for row in found:
        assert row["size"] > 0
        (reason, *_) = orjson.loads(row["reasons"])
        column, value, sentence = wanted[row["row_no"]]
        assert (reason["column"], reason["value"]) == (column, value)
        assert reason["reason"].startswith(sentence)
