"""`make quarantine`: what was refused and why."""

from dataclasses import asdict
from typing import Annotated

import typer

from lab.observe.access import settings
from lab.observe.quarantine import Rejected, count_rejected, read_rejected
from lab.observe.warehouse import warehouse
from lab.screen.output import print_json, say, shortened, table
from lab.sentences import general as sentences
from millrace.contract.contract import load_contract


def quarantine(
    feed: Annotated[str | None, typer.Option("--feed", help="of this feed only")] = None,
    limit: Annotated[int, typer.Option(min=1, help="how many of the newest")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="all reasons and the raw record")] = False,
) -> None:
    """Shows the records that did not fit their contract: column, value and reason of each."""
    wanted = load_contract(feed).feed if feed else None
    with warehouse(settings()) as connection:
        total, rejected = count_rejected(connection, wanted), read_rejected(connection, wanted, limit)
    if as_json:
        print_json({"total": total, "records": [asdict(record) for record in rejected]})
    elif rejected:
        show(rejected, total)
    else:
        say(sentences.NOTHING_IN_QUARANTINE_OF.format(feed=wanted) if wanted else sentences.NOTHING_IN_QUARANTINE)


def show(rejected: list[Rejected], total: int) -> None:
    """One line per reason; the record is named once."""
    rows: list[list[object]] = []
    for record in rejected:
        for position, reason in enumerate(record.reasons or [{}]):
            head = [record.quarantined_at[:19], record.feed, str(record.row)] if position == 0 else ["", "", ""]
            rows.append([*head, reason.get("column"), shortened(reason.get("value")), reason.get("reason")])
    table("Quarantine", ["when (UTC)", "feed", "row", "column", "value", "reason"], rows, right=["row"])
    if total > len(rejected):
        say(sentences.QUARANTINE_MORE.format(shown=len(rejected), total=total))
