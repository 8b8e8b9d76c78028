"""Which format a file has: its ending says it."""

from pathlib import PurePath
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
