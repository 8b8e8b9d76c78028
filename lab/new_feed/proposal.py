"""What a file is proposed to become: its records looked at, its columns, its contract."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import yaml

from lab.new_feed import proposed_contract as contracts
from lab.new_feed.infer.column_names import column_names
from lab.new_feed.infer.column_roles import Roles, roles_of
from lab.new_feed.infer.csv_inspection import Inspection, inspect
from lab.new_feed.infer.date_form_inference import AskOrder, Order
from lab.new_feed.infer.json_lines import inspect_json_lines
from lab.new_feed.infer.number_types import decimal_sign
from lab.new_feed.infer.said_types import answers, as_said, said_types
from lab.new_feed.infer.table_start import YEAR
from lab.new_feed.infer.type_inference import Hints, Proposal, propose, within_a_row
from millrace.contract.contract import Contract
from millrace.errors import Refused
from millrace.feed_names import nearest
from producer.files.file_format import ENDINGS
from producer.files.spool import spool, unpacked_name

LONGEST_HEADER = 100
MOST_COLUMNS = 150
"""Typed ones; MySQL's limit lies near 200 texts. The others are kept in `extra`."""


@dataclass(frozen=True)
class Choices:
    """What a person says of a file beforehand, or is asked."""

    ask: AskOrder
    key: str = ""
    newest: str = ""
    types: str = ""
    """Such as `inhabitants=int,batch=text`, by headers or columns."""
    sheet: str = ""
    """Of a workbook, if not the first."""


@dataclass(frozen=True)
class Proposed:
    """The contract, as an object and as its file's text, and what it was made of."""

    contract: Contract
    text: str
    inspected: Inspection
    columns: tuple[Proposal, ...]
    roles: Roles

    @property
    def untyped(self) -> int:
        """Columns beyond MOST_COLUMNS."""
        return max(0, len(self.inspected.texts) - MOST_COLUMNS)


def propose_contract(file: Path, feed: str, scratch: Path, choices: Choices) -> Proposed:
    """What the file would be as that feed. Refused with one sentence where it cannot be one."""
    name = unpacked_name(file.name)
    file_format = ENDINGS.get(Path(name).suffix.lower(), "csv")
    if file_format == "json":
        raise Refused(
            f"{file.name}: no feed is proposed from a JSON document; give it one record per line (.jsonl), or write "
            "the contract, see docs/feeds.md."
        )
    inspected = _inspect(file, name, scratch, choices.sheet, is_json=file_format == "jsonl")
    columns = _propose(inspected, feed, name, choices)
    roles = roles_of(columns, len(inspected.records))
    upsert = contracts.upsert_of(columns, choices.key, choices.newest)
    found = contracts.Found(feed, name, inspected, columns, roles, upsert)
    content = contracts.document(found)
    contract, text = contracts.checked(content), contracts.to_yaml(content, found)
    if yaml.safe_load(text) != content:
        raise AssertionError(f"the contract of {feed} reads otherwise than it was written")
    return Proposed(contract, text, inspected, columns, roles)


def _inspect(file: Path, name: str, scratch: Path, sheet: str, *, is_json: bool) -> Inspection:
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        spooled = spool(file, Path(folder), sheet)
        if is_json:
            return inspect_json_lines(spooled.path, name, Path(folder) / "as.csv")
        found = inspect(spooled.path, name)
        return replace(found, what="a workbook or Parquet file") if spooled.is_table else found


def _propose(inspected: Inspection, feed: str, file: str, choices: Choices) -> tuple[Proposal, ...]:
    headers = list(inspected.texts)[:MOST_COLUMNS]
    _refuse_no_header(inspected, headers, file)
    names = column_names(headers, feed)
    said = _said(choices, names)
    texts = {header: inspected.texts[header] for header in headers}
    found = {header: as_said(kind, header, texts[header], choices.ask) for header, kind in said.items()}
    hints = Hints(choices.ask, decimal_sign([text for text in texts[header] if text] for header in headers))
    columns = [propose(header, names[header], texts[header], hints, found.get(header)) for header in headers]
    return tuple(replace(column, answers=answers(column, texts[column.header])) for column in within_a_row(columns))


def _said(choices: Choices, names: dict[str, str]) -> dict[str, str]:
    """The types that a person says, by header."""
    by_name = {name: header for header, name in names.items()} | {header: header for header in names}
    said = said_types(choices.types)
    wrong = next((name for name in said if name not in by_name), None)
    if wrong:
        raise Refused(f"TYPES names a column {wrong!r}, which the file has not; {nearest(wrong, list(names.values()))}")
    return {by_name[name]: kind for name, kind in said.items()}


def _refuse_no_header(inspected: Inspection, headers: Sequence[str], file: str) -> None:
    """A first line of numbers or dates, or of values that come again below, is no header."""
    long = next((header for header in headers if len(header) > LONGEST_HEADER), None)
    if long:
        raise Refused(
            f"{file}: the header names a column by {len(long)} characters; give it a name of {LONGEST_HEADER} at most."
        )
    years = [header for header in headers if YEAR.fullmatch(header)]
    # Figures of one year a column: the years are names, as they go up one by one.
    are_names = len(years) >= 3 and [int(year) - int(years[0]) for year in years] == list(range(len(years)))
    judged = [header for header in headers if not (are_names and header in years)]
    value = next(
        (header for header in judged if propose(header, "x", [header], Hints(_day_first)).kind.is_text is False), None
    )
    again = [header for header in headers if header in inspected.texts[header]]
    if value is None and len(again) * 2 >= len(headers) and again:
        value = again[0]
    if value is not None:
        raise Refused(
            f"{file}: the first line holds a value ({value}) where a column's name belongs; put a header above it."
        )


def _day_first(_header: str, _doubt: object) -> Order:
    return "day-first"
