"""`make events`: what has happened to the lab."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer

from lab.observe.access import settings
from lab.observe.events import Happened, moment, read_events
from lab.observe.warehouse import warehouse
from lab.screen.output import OK, WARN, print_json, say, table
from lab.sentences import status as sentences
from millrace.contract.contract import load_contract

HEADERS = ["", "when (UTC)", "feed", "what", "records", ""]
UNWELL = {"waiting", "retrying", "lost"}


def events(
    feed: Annotated[str | None, typer.Option("--feed", help="of this feed only")] = None,
    since: Annotated[str | None, typer.Option(help="90m, 2h, 7d ago, or a date and time (UTC)")] = None,
    limit: Annotated[int, typer.Option(min=1, help="how many of the newest")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="the same for scripts")] = False,
) -> None:
    """States of feeds, restarts, losses of topics, refusals, changes: the newest first, kept for 30 days."""
    wanted, begin = load_contract(feed).feed if feed else None, moment(since, datetime.now(UTC))
    with warehouse(settings()) as connection:
        found = read_events(connection, wanted, begin, limit)
    if as_json:
        print_json([asdict(one) for one in found])
    elif found:
        table("Events", HEADERS, [row(one) for one in found], right=["records"])
    else:
        say(sentences.NO_EVENTS)


def row(one: Happened) -> list[object]:
    """An event's line."""
    mark = WARN if one.severity == "trouble" or one.kind in UNWELL else OK
    return [mark, one.at[: len("2026-11-28 20:05:00")], one.feed or None, one.kind, one.records, one.message]
