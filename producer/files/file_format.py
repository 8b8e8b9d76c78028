"""What a file's name says: its ending tells the format."""

from pathlib import Path, PurePath
from typing import Literal

from millrace.contract.contract import Contract
from millrace.errors import Refused

Format = Literal["csv", "json", "jsonl"]
ENDINGS: dict[str, Format] = {  # of what is read: workbooks and Parquet become CSV in the spool
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".xlsx": "csv",
    ".xlsm": "csv",
    ".xls": "csv",
    ".ods": "csv",
    ".parquet": "csv",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
}
TITLES = {"csv": "CSV", "json": "JSON", "jsonl": "JSON lines"}


def printable(file: Path) -> str:
    """The file's name as people, journals and databases take it: bytes that are no UTF-8 are written out."""
    return file.name.encode("utf-8", "backslashreplace").decode()


def format_of(contract: Contract, name: str) -> Format:
    """The format of a file of that name; an unknown ending is the feed's first format. Refused where the feed has none.

    An ending may be wrong: the reader then says so.
    """
    formats = contract.source.formats
    found = ENDINGS.get(PurePath(name).suffix.lower(), formats[0])
    if found not in formats:
        endings = " or ".join(f".{known}" for known in formats)
        raise Refused(f"{name}: the feed {contract.feed} does not take {TITLES[found]}; give it a file {endings}.")
    return found
