"""The feed's own page: how its file was read, for whoever goes on from there."""

from collections.abc import Sequence

from lab.new_feed.infer.csv_inspection import Look
from lab.new_feed.infer.type_inference import Proposal
from millrace.contract.contract import Contract


def readme(contract: Contract, proposals: Sequence[Proposal], look: Look, file: str) -> str:
    """What the feed is, its rollup, and every decision that the values left open."""
    (rollup,) = contract.rollups
    notes = [f"- `{column.name}`: {column.note}" for column in proposals if column.note]
    decided = ["", "Decided by the values; change it in the contract where it is wrong:", "", *notes] if notes else []
    lines = [
        f"# {contract.title}",
        "",
        f"Made by `make new-feed` from {file}: {records(look)}. Read as {written(look)}.",
        "The contract is yours to change; how contracts are written stands in [feeds](../../docs/feeds.md).",
        "",
        "| feed | a record is | table rows | source file |",
        "|---|---|---|---|",
        f"| {contract.feed} | a line of the file | {_rows(contract)} | {file}, {len(contract.columns)} columns |",
        "",
        "| rollup | key | for |",
        "|---|---|---|",
        f"| {rollup.name} | {', '.join(rollup.key_names)} | the dashboard |",
        *decided,
    ]
    return "\n".join(lines) + "\n"


def records(look: Look) -> str:
    """How many records the file has, and how many columns were judged by."""
    more = "more than " if look.is_cut else ""
    judged = f", judged by {len(look.records):,} of them" if look.is_drawn else ""
    broken = f", {look.unreadable:,} of them unreadable" if look.unreadable else ""
    return f"{more}{look.count:,} record{'' if look.count == 1 else 's'}{broken}{judged}"


def written(look: Look) -> str:
    """How the file is written."""
    signs = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
    fallback = look.source.fallback_encoding
    return f"{look.source.encoding}{f', else {fallback}' if fallback else ''}, parted by {signs[look.source.delimiter]}"


def _rows(contract: Contract) -> str:
    return "every record" if contract.mode == "append" else f"the newest per {', '.join(contract.key)}"
