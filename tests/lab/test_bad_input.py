"""Bad input on the real machines: every record lands right or in quarantine with column, value and reason."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import pytest

from feeds.settings import Lab
from tests.lab.tools import Run, Sum, Warehouse, printed_sum, run_send, source_of

FEED = "insurance_network"
AT_ONCE = 4
HEADER = (
    "BusinessYear,StateCode,IssuerId,SourceName,VersionNum,ImportDate,IssuerId2,StateCode2,NetworkName,NetworkId,"
    "NetworkURL,RowNumber,MarketCoverage,DentalOnlyPlan"
)
GOOD = {
    "BusinessYear": "2014",
    "StateCode": "AK",
    "IssuerId": "21989",
    "SourceName": "HIOS",
    "VersionNum": "6",
    "ImportDate": "3/19/2014 7:06",
    "IssuerId2": "21989",
    "StateCode2": "AK",
    "NetworkName": "Plain",
    "NetworkId": "AKN001",
    "NetworkURL": "https://example.org/",
    "RowNumber": "1",
    "MarketCoverage": "",
    "DentalOnlyPlan": "",
}
NUL = "\0"


def line(**changes: str) -> str:
    """A good record's line with some fields put in as they stand, quotes included."""
    return ",".join({**GOOD, **changes}.values())


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
        last = {**GOOD, "NetworkName": nonce}
        lines = [self.header, *self.lines, ",".join(last.get(name, "") for name in self.header.split(","))]
        encoded = [each if isinstance(each, bytes) else each.encode() for each in lines]
        return self.prefix + self.newline.join(encoded) + self.newline


TWO_MB = "x" * (2 * 2**20)
SQL = 'Robert\'); DROP TABLE insurance_network;-- "x" `y` % _ \\ \\N \\t \\0 ${x} {{y}}'

CASES = [
    Case(
        "a comma in an unquoted URL shifts the columns",
        [line(NetworkURL="https://example.org/a,b")],
        refused={1: (None, None, "the row has 15 fields, the header has 14")},
    ),
    Case("too few fields", ["2014,AK"], refused={1: (None, None, "the row has 2 fields, the header has 14")}),
    Case("wrong type", [line(IssuerId="abc")], refused={1: ("issuer_id", "abc", "is not a whole number")}),
    Case(
        "a fraction is no whole number",
        [line(VersionNum="6.5")],
        refused={1: ("version_num", "6.5", "is not a whole number")},
    ),
    Case(
        "out of range, too small", [line(BusinessYear="2013")], refused={1: ("business_year", "2013", "is below 2014")}
    ),
    Case("out of range, too large", [line(IssuerId="100000")], refused={1: ("issuer_id", "100000", "is above 99999")}),
    Case(
        "too large for its type",
        [line(BusinessYear="99999")],
        refused={1: ("business_year", "99999", "is outside smallint, -32768 to 32767")},
    ),
    Case(
        "impossible date",
        [line(ImportDate="2/30/2014 7:06"), line(ImportDate="2014-13-01 00:00:00")],
        refused={
            row: ("imported_at", value, "is no date and time of the form yyyy-MM-dd HH:mm:ss or M/d/yyyy H:mm")
            for row, value in ((1, "2/30/2014 7:06"), (2, "2014-13-01 00:00:00"))
        },
    ),
    Case("missing required value", [line(StateCode="")], refused={1: ("state_code", None, "is required and empty")}),
    Case("blank required value", [line(StateCode="   ")], refused={1: ("state_code", None, "is required and empty")}),
    Case(
        "wrong shape", [line(NetworkId="AK-1")], refused={1: ("network_id", "AK-1", "does not match [A-Z]{2}N[0-9]{3}")}
    ),
    Case("no boolean", [line(DentalOnlyPlan="perhaps")], refused={1: ("dental_only_plan", "perhaps", "is none of")}),
    Case(
        "not UTF-8",
        [line(NetworkName="Caf\xe9").encode("latin-1")],
        refused={1: (None, None, "the row is not UTF-8 text")},
    ),
    Case(
        "2 MB where 255 characters fit",
        [line(NetworkName=TWO_MB)],
        refused={1: ("network_name", TWO_MB[:200], "is longer than 255 characters")},
    ),
    Case(
        "a quote that is never closed",
        [line(NetworkName='"open'), line(NetworkName="after")],
        landed={2: {"network_name": "after"}},
        refused={1: (None, None, "a quote is opened and never closed")},
    ),
    Case("BOM", [line()], landed={1: {"business_year": 2014}}, prefix=b"\xef\xbb\xbf"),
    Case("CRLF", [line(DentalOnlyPlan="Yes")], landed={1: {"dental_only_plan": 1}}, newline=b"\r\n"),
    Case(
        "quotes and newlines inside fields",
        [line(NetworkName='"a ""quoted"" name\nover two lines, with a comma"'), line(NetworkName="next")],
        landed={1: {"network_name": 'a "quoted" name\nover two lines, with a comma'}, 2: {"network_name": "next"}},
    ),
    Case(
        "SQL metacharacters, tabs, backslash N",
        [
            line(NetworkName='"' + SQL.replace('"', '""') + '"'),
            line(NetworkName="\\N"),
            line(NetworkName="a\tb"),
            line(NetworkName="ends with \\"),
        ],
        landed={
            1: {"network_name": SQL},
            2: {"network_name": "\\N"},
            3: {"network_name": "a\tb"},
            4: {"network_name": "ends with \\"},
        },
    ),
    Case("NUL bytes", [line(NetworkName=f"a{NUL}b")], landed={1: {"network_name": f"a{NUL}b"}}),
    Case("emoji", [line(NetworkName="Santé 🩺 健康 👨‍👩‍👧")], landed={1: {"network_name": "Santé 🩺 健康 👨‍👩‍👧"}}),
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


@pytest.fixture(scope="module")
def sent(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, Run]]:
    """By case, its file and how sending it ended; some at a time, for each waits for its load most of the time."""
    folder = tmp_path_factory.mktemp("cases")

    def send(case: Case) -> tuple[Path, Run]:
        nonce = uuid4().hex[:12]
        file = folder / f"{nonce}.csv"
        file.write_bytes(case.content(nonce))
        return file, run_send(FEED, file)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return dict(zip([case.name for case in CASES], pool.map(send, CASES), strict=True))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_record_lands_right_or_in_quarantine(
    case: Case, mysql: Warehouse, sent: dict[str, tuple[Path, Run]]
) -> None:
    good, bad = len(case.landed) + 1, len(case.refused)
    file, run = sent[case.name]
    assert printed_sum(run) == Sum(good + bad, good, 0, 0, bad)
    assert run.code == 0
    source = source_of(FEED, file)
    assert_landed(mysql, source, case.landed, good)
    assert_refused(mysql, source, case.refused)


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


REFUSED_FILES = [
    ("empty.csv", b"", "empty.csv is empty; a header and at least one record are needed."),
    ("header.csv", HEADER.encode() + b"\n", "header.csv has a header but no record; nothing was sent."),
    (
        "column.csv",
        HEADER.replace("IssuerId,", "IssuerCode,", 1).encode() + b"\n" + line().encode(),
        "column.csv: the column IssuerId of insurance_network is missing; did you mean IssuerId2?",
    ),
    (
        "twice.csv",
        f"{HEADER},StateCode\n{line()},AK\n".encode(),
        "twice.csv: the header names StateCode more than once; give each column its own name.",
    ),
    (
        "semicolons.csv",
        f"{HEADER}\n{line()}\n".replace(",", ";").encode(),
        "semicolons.csv: its columns are parted by semicolons, the feed insurance_network wants commas.",
    ),
    ("utf16.csv", f"{HEADER}\n{line()}\n".encode("utf-16"), "utf16.csv is written in UTF-16; save it as UTF-8 text."),
    (
        "huge.csv",
        f"{HEADER}\n{line(NetworkName='x' * 9 * 2**20)}\n".encode(),
        "huge.csv: record 1 at line 2 is too large (9,437,609 bytes as an event, 8,387,584 are allowed); "
        "shorten it, or look for a quote that is never closed.",
    ),
]


@pytest.mark.parametrize(("name", "content", "sentence"), REFUSED_FILES, ids=[name for name, *_ in REFUSED_FILES])
def test_a_file_that_cannot_be_the_feeds_is_refused_with_one_sentence(
    name: str, content: bytes, sentence: str, mysql: Warehouse, tmp_path: Path
) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    run = run_send(FEED, file)
    assert (run.code, run.said) == (1, f"✗ {sentence}")
    assert mysql.one(f"SELECT COUNT(*) FROM {FEED} WHERE source_id = :source", source=source_of(FEED, file)) == 0


def test_an_unknown_feed_is_refused_with_the_nearest_name(lab: object, tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_text(f"{HEADER}\n{line()}\n")
    run = run_send("insurance_netwrk", file)
    assert (run.code, run.said) == (1, "✗ There is no feed 'insurance_netwrk'; did you mean insurance_network?")


def test_a_missing_file_and_a_folder_are_refused(lab: object, tmp_path: Path) -> None:
    missing = run_send(FEED, tmp_path / "none.csv")
    assert (missing.code, missing.said) == (
        1,
        f"✗ There is no file {tmp_path}/none.csv: check the path (FILE=… is read from the folder you stand in).",
    )
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
