"""The sign that parts a file's columns: the one under which its records have as many fields as its header."""

import csv
from itertools import islice
from pathlib import Path

from millrace.record.event import MAX_BYTES

SIGNS = (",", ";", "\t", "|")
RECORDS = 200
MOST = 0.8
"""Share of records that must fit the header; the others may be broken."""

csv.field_size_limit(2 * MAX_BYTES)


def delimiter_of(path: Path, encoding: str, blank_lines: int) -> str:
    """The delimiter; a comma where the file has one column only."""
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        lines = list(islice(file, blank_lines, blank_lines + 4 * RECORDS))
    shares = {sign: _fit(lines, sign) for sign in SIGNS}
    fitting = {sign: fit for sign, fit in shares.items() if fit[1] > 1 and fit[0] >= MOST}
    return max(fitting, key=lambda sign: fitting[sign]) if fitting else ","


def _fit(lines: list[str], sign: str) -> tuple[float, int]:
    """The share of records that are as wide as the header, and its width."""
    records = [record for record in islice(csv.reader(lines, delimiter=sign), RECORDS) if record]
    if not records:
        return 0, 0
    width = len(records[0])
    body = records[1:] or records
    return sum(len(record) == width for record in body) / len(body), width
