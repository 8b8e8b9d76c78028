"""From a CSV file to everything a feed consists of."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from lab.new_feed import proposed_contract as contracts
from lab.new_feed.dashboard.dashboard import slug_of
from lab.new_feed.feed_files import ASSETS, Files, dashboard_files
from lab.new_feed.infer.column_names import column_names, is_taken, plain_name
from lab.new_feed.infer.column_roles import roles_of
from lab.new_feed.infer.csv_inspection import Inspection, inspect
from lab.new_feed.infer.date_form_inference import AskOrder, Order
from lab.new_feed.infer.number_types import decimal_sign
from lab.new_feed.infer.table_start import YEAR
from lab.new_feed.infer.type_inference import Hints, Proposal, propose, within_a_row
from lab.new_feed.readme import readme
from lab.new_feed.sample import sample
from millrace.contract.contract import Contract
from millrace.errors import Refused
from millrace.feed_names import known_feeds
from producer.files.file_format import ENDINGS
from producer.files.spool import PACKED, spool, unpacked_name, wide_encoding
from sql.schema.feed_tables import build_metadata

LONGEST_NAME = 30
LONGEST_HEADER = 100
MOST_COLUMNS = 150
"""Typed ones; MySQL's limit lies near 200 texts. The others are kept in `extra`."""


@dataclass(frozen=True)
class Made:
    """What will be written, and what it was made of."""

    contract: Contract
    inspected: Inspection
    columns: tuple[Proposal, ...]
    files: Files
    untyped: int
    """Columns beyond MOST_COLUMNS."""


def make(  # noqa: PLR0913 - what a person may say
    file: Path, feed: str, checkout: Path, scratch: Path, *, key: str, newest: str, ask: AskOrder
) -> Made:
    """Everything a feed of this file consists of; nothing is written. Refused with one sentence where it cannot be."""
    refuse_name(feed, file, checkout)
    name = unpacked_name(file.name)
    if ENDINGS.get(Path(name).suffix.lower(), "csv") != "csv":
        raise Refused(
            f"{file.name}: a feed is proposed from CSV files only; for JSON write the contract, see docs/feeds.md."
        )
    inspected = _inspect(file, name, scratch)
    columns = _propose(inspected, feed, name, ask)
    roles, upsert = roles_of(columns, len(inspected.records)), contracts.upsert_of(columns, key, newest)
    found = contracts.Found(feed, name, inspected, columns, roles, upsert)
    content = contracts.document(found)
    contract, text = contracts.checked(content), contracts.to_yaml(content, found)
    if yaml.safe_load(text) != content:
        raise AssertionError(f"the contract of {feed} reads otherwise than it was written")
    folder = Path("feeds") / feed
    files: Files = {
        folder / "contract.yaml": text.encode(),
        folder / "sample.csv": sample(inspected),
        folder / "README.md": readme(contract, columns, inspected, name).encode(),
        **dashboard_files(contract, columns, roles, checkout),
    }
    return Made(contract, inspected, columns, files, max(0, len(inspected.texts) - MOST_COLUMNS))


def refuse_name(feed: str, file: Path, checkout: Path) -> None:
    """Refuses a name that is none, too long, or in use for something else."""
    good = plain_name(feed)[:LONGEST_NAME] or "shop"
    if not feed:
        raise Refused(f"The feed needs a name: NAME={plain_name(file.name.split('.')[0])[:LONGEST_NAME] or 'shop'}.")
    if feed != good or is_taken(feed):
        hint = f"my_{good}"[:LONGEST_NAME] if is_taken(good) else good
        raise Refused(
            f"{feed!r} cannot be a feed's name: small letters, digits and _, a letter first, at most {LONGEST_NAME}, "
            f"and no word of SQL; NAME={hint} would do."
        )
    if feed in known_feeds():
        raise Refused(f"There is a feed {feed} already; choose another NAME.")
    taken = [
        path
        for path in (Path("feeds") / feed, ASSETS / f"dashboards/{slug_of(feed)}.yaml")
        if (checkout / path).exists()
    ]
    taken += [path for path in (ASSETS / f"charts/{slug_of(feed)}",) if (checkout / path).exists()]
    if taken:
        raise Refused(f"{taken[0]} exists already; choose another NAME, or remove it.")
    if {feed, f"{feed}_staging"} & set(build_metadata().tables):
        raise Refused(f"There is a table {feed} already; choose another NAME.")


def _inspect(file: Path, name: str, scratch: Path) -> Inspection:
    with file.open("rb") as content:
        is_wide = wide_encoding(content.read(4)) != ""
    if not is_wide and not file.name.lower().endswith(PACKED):
        return inspect(file, name)
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        return inspect(spool(file, Path(folder)).path, name)


def _propose(inspected: Inspection, feed: str, file: str, ask: AskOrder) -> tuple[Proposal, ...]:
    headers = list(inspected.texts)[:MOST_COLUMNS]
    _refuse_no_header(inspected, headers, file)
    names = column_names(headers, feed)
    hints = Hints(ask, decimal_sign([text for text in inspected.texts[header] if text] for header in headers))
    return tuple(within_a_row([propose(header, names[header], inspected.texts[header], hints) for header in headers]))


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
