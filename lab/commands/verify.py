"""`make verify`: whether rollups are the sums of their facts, and facts what the ledger counts."""

from dataclasses import asdict
from typing import Annotated

import typer

from lab.observe.access import settings
from lab.observe.warehouse import warehouse
from lab.screen.output import BAD, OK, complain, print_json, say, table
from lab.sentences import general as sentences
from sql.verify import FACTS, UNREADABLE
from sql.verify import verify as compare

READ_SECONDS = 3600
"""Grouping the largest table takes a minute or more."""
WHY_WRONG = {FACTS: sentences.VERIFY_FACTS, UNREADABLE: sentences.VERIFY_CONTRACT}
"""By what was compared; everything else is a rollup."""


def verify(as_json: Annotated[bool, typer.Option("--json", help="the same for scripts")] = False) -> None:
    """Compares rollups with GROUP BY over their facts, and feeds' rows with the ledger. Exit 1 if they differ."""
    with warehouse(settings(), read_seconds=READ_SECONDS) as connection:
        checks = list(compare(connection))
    wrong = [check for check in checks if not check.right]
    if as_json:
        print_json([asdict(check) for check in checks])
    else:
        rows = [[OK if c.right else BAD, c.feed, c.what, c.rows, c.differing] for c in checks]
        table("Facts and rollups", ["", "feed", "table", "rows", "differ"], rows, right=["rows", "differ"])
        say("")
        if not wrong:
            say(f"[green]✓[/] {sentences.VERIFY_FINE}")
    for check in wrong:
        complain(WHY_WRONG.get(check.what, sentences.VERIFY_ROLLUP).format(**asdict(check)))
    if wrong:
        raise typer.Exit(1)
