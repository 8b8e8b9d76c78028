"""A first look at a file with a JSON object per line: by its values in columns, as a CSV file's."""

import csv
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

from lab.new_feed.infer.csv_inspection import READ_AT_MOST, Inspection, inspect, refuse_unreadable
from millrace.record.json_record import NotJson
from producer.files.csv_records import Record
from producer.files.json_file import read_record


def inspect_json_lines(path: Path, name: str, scratch: Path) -> Inspection:
    """See csv_inspection.inspect; the columns are all names of all records, nested ones joined by dots."""
    names: dict[str, None] = {}
    count = unreadable = 0
    first_wrong: Record | None = None
    for record in islice(_records(path), READ_AT_MOST):
        count += 1
        unreadable += record.data is None
        first_wrong = first_wrong or (record if record.data is None else None)
        names.update(dict.fromkeys(record.data or ()))
    refuse_unreadable(name, count, unreadable, first_wrong)
    with scratch.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(names), restval="", lineterminator="\n", quoting=csv.QUOTE_ALL)
        writer.writeheader()
        writer.writerows(record.data for record in islice(_records(path), READ_AT_MOST) if record.data)
    found = inspect(scratch, name)
    layout = found.layout.model_copy(update={"formats": ("jsonl", "csv")})
    return replace(found, layout=layout, what="JSON lines", count=count, unreadable=unreadable)


def _records(path: Path) -> Iterator[Record]:
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="\n") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                yield Record(number, number, b"", data=read_record(line.strip()))
            except NotJson as error:
                yield Record(number, number, b"", why=f"the record {error}")
