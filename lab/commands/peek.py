"""`make peek`: the newest records of a topic beside the rows they became, or why they were refused."""

from dataclasses import asdict
from typing import Annotated, Any

import typer

from lab.observe.access import settings
from lab.observe.peek import Became, Peeked
from lab.observe.peek import peek as newest_records
from lab.screen.output import print_json, say, shortened, table
from lab.sentences import feed_life as sentences
from millrace.contract.contract import load_contract


def peek(
    feed: Annotated[str, typer.Argument(help="the feed whose topic it is")],
    count: Annotated[int, typer.Option("--count", "-n", min=1, max=1000, help="how many of the newest")] = 10,
    as_json: Annotated[bool, typer.Option("--json", help="records and rows whole")] = False,
) -> None:
    """Shows the newest records in Kafka, and what each became in MySQL."""
    contract = load_contract(feed)
    found = newest_records(settings(), contract, count)
    if as_json:
        print_json([{"record": asdict(record), "became": asdict(then)} for record, then in found])
    elif found:
        show(contract.feed, found)
    else:
        say(sentences.NEVER_SEEN.format(feed=contract.feed))


def show(feed: str, found: list[tuple[Peeked, Became]]) -> None:
    """Two lines a record: as it stands in Kafka, as it stands in MySQL."""
    rows: list[list[object]] = []
    for record, then in found:
        position = f"{record.partition}:{record.offset}"
        rows.append([position, record.sent_at, record.origin, on_one_line(record.data)])
        rows.append(["", "", f"→ {then.state}", on_one_line(then.columns)])
    table(f"{feed}, the newest {len(found)}", ["position", "sent (UTC)", "from", "record, and what it became"], rows)


def on_one_line(values: dict[str, Any], most: int = 8) -> str:
    """The first values that are not empty, on one line."""
    kept = [(name, shortened(value)) for name, value in values.items() if value is not None and value != ""]
    parts = [f"{name}={value}" if name else str(value) for name, value in kept[:most]]
    return " ".join([*parts, "…"] if len(kept) > most else parts)
