"""What a file is by its first bytes, whatever its name says."""

from codecs import BOM_UTF8
from pathlib import Path

from millrace.errors import Refused

HEAD_BYTES = 1024
UNPACK = "unpack it, and give the file that is in it"
AS_CSV = "save its table as CSV"
MARKS = (
    (b"PK\x03\x04", "a zip archive", UNPACK),
    (b"\x1f\x8b", "a gzip file", "name it ….gz, then it is unpacked on the way"),
    (b"BZh", "a bzip2 file", UNPACK),
    (b"\xfd7zXZ\0", "an xz file", UNPACK),
    (b"\x28\xb5\x2f\xfd", "a zstd file", UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", UNPACK),
    (b"\xd0\xcf\x11\xe0", "an Excel workbook of before 2007", AS_CSV),
    (b"%PDF-", "a PDF", AS_CSV),
    (b"PAR1", "a Parquet file", AS_CSV),
)
PAGE = "download the file itself; the server may have answered with an error or a login page"
TAGS = ((b"<!doctype html", "a web page", PAGE), (b"<html", "a web page", PAGE), (b"<?xml", "XML", AS_CSV))


def refuse_other_kind(path: Path, name: str) -> None:
    """Refuses, naming what it is, a file that is no text, or a page of the web."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    tags = head.removeprefix(BOM_UTF8).lstrip().lower()
    found = next((mark for mark in MARKS if head.startswith(mark[0])), None)
    found = found or next((tag for tag in TAGS if tags.startswith(tag[0])), None)
    if found and found[1] == "a zip archive" and any(sign in head for sign in (b"[Content_Types].xml", b"xl/")):
        found = (found[0], "an Excel workbook", AS_CSV)
    if found:
        _, what, how = found
        raise Refused(f"{name} is {what}; {how}.")
