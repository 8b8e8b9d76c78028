"""`millrace-migrate`: brings MySQL's schema up to date; Ansible calls it on the mysql machine."""

from dataclasses import asdict
from typing import Annotated

import typer

from lab.screen.output import print_json
from millrace.settings import Settings
from sql.migrate import forget as take_out
from sql.migrate import migrate as bring_up_to_date


def migrate(
    forget: Annotated[str | None, typer.Option(help="only take this feed out: tables and ledger; {forgotten}")] = None,
) -> None:
    """Applies the SQL migrations that are missing, makes feeds' tables fit their contracts; prints both as JSON."""
    if forget is not None:
        print_json({"forgotten": take_out(Settings.from_environment(), forget)})
        return
    print_json(asdict(bring_up_to_date(Settings.from_environment())))
