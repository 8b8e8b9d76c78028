"""The feed's own page: how its file was read, for whoever goes on from there."""

import re
from collections.abc import Sequence

from lab.new_feed.infer.csv_inspection import Inspection
from lab.new_feed.infer.type_inference import Proposal, shown
from millrace.contract.contract import Contract
from producer.files.csv_records import Record

TOTAL = re.compile(
    r"(?:sub|grand )?-?totals?:?|(?:gesamt|zwischen)?summe:?|gesamt:?|somme:?|sous-total:?", re.IGNORECASE
)
MOST_SHOWN = 5


def readme(contract: Contract, proposals: Sequence[Proposal], inspected: Inspection, file: str) -> str:
    """What the feed is, its rollup, and every decision that the values left open."""
    (rollup,) = contract.rollups
    seen = [part for remark in remarks(inspected) for part in ("", remark)]
    notes = [f"- `{column.name}`: {column.note}" for column in proposals if column.note]
    decided = ["", "Decided by the values; change it in the contract where it is wrong:", "", *notes] if notes else []
    lines = [
        f"# {contract.title}",
        "",
        f"Made by `make new-feed` from {file}: {records(inspected)}. Read as {written(inspected)}.",
        "The contract is yours to change; how contracts are written stands in [feeds](../../docs/feeds.md).",
        "",
        "| feed | a record is | table rows | source file |",
        "|---|---|---|---|",
        f"| {contract.feed} | a line of the file | {_rows(contract)} | {file}, {len(contract.columns)} columns |",
        "",
        "| rollup | key | for |",
        "|---|---|---|",
        f"| {rollup.name} | {', '.join(rollup.key_names)} | the dashboard |",
        *seen,
        *decided,
    ]
    return "\n".join(lines) + "\n"


def records(inspected: Inspection) -> str:
    """How many records the file has, and how many columns were judged by."""
    more = "more than " if inspected.is_cut else ""
    judged = f", judged by {len(inspected.records):,} of them" if inspected.is_drawn else ""
    broken = f", {inspected.unreadable:,} of them unreadable" if inspected.unreadable else ""
    return f"{more}{inspected.count:,} record{'' if inspected.count == 1 else 's'}{broken}{judged}"


def remarks(inspected: Inspection) -> list[str]:
    """What a person should know of the file as a whole: lines that were passed over, and those that add up others."""
    found = []
    if inspected.passed:
        lines = "; ".join(shown(line, 60) for line in inspected.passed[:MOST_SHOWN])
        more = " …" if len(inspected.passed) > MOST_SHOWN else ""
        found.append(f"Passed over above the header: {lines}{more}.")
    totals = [record for record in inspected.records if _is_total(record)]
    if totals:
        where = ", ".join(str(record.line) for record in totals[:MOST_SHOWN])
        phrase = "1 line looks like a total" if len(totals) == 1 else f"{len(totals)} lines look like totals"
        found.append(f"{phrase} of others (line {where}): take them out of the file, or they count twice.")
    return found


def _is_total(record: Record) -> bool:
    first = next((field.strip() for field in record.fields or [] if field.strip()), "")
    return TOTAL.fullmatch(first) is not None


def written(inspected: Inspection) -> str:
    """How the file is written."""
    if inspected.what:
        return inspected.what
    signs = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
    fallback = inspected.layout.fallback_encoding
    encoding = f"{inspected.layout.encoding}{f', else {fallback}' if fallback else ''}"
    return f"{encoding}, parted by {signs[inspected.layout.delimiter]}"


def _rows(contract: Contract) -> str:
    return "every record" if contract.mode == "append" else f"the newest per {', '.join(contract.key)}"
