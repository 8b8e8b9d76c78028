"""Awkward files for the feed parcel, and what must become of each record."""

from dataclasses import dataclass, field
from typing import Any

from instruments.own_feed import GOOD, HEADER, line

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
    (
        "utf16.csv",
        f"{HEADER}\n{line()}\n".encode("utf-16-le"),
        "utf16.csv is no text, or UTF-16 without its mark; save it as UTF-8.",
    ),
    ("zip.csv", b"PK\x03\x04", "zip.csv is a zip archive; unpack it, and give the file that is in it."),
    (
        "huge.csv",
        f"{HEADER}\n{line(Name='x' * 9 * 2**20)}\n".encode(),
        "huge.csv: record 1 at line 2 is too large (9,437,428 bytes as an event, 8,384,512 are allowed); "
        "shorten it, or look for a quote that is never closed.",
    ),
]
