"""`make drill`: what the lab endures."""

from typing import Annotated

import typer

from lab.host.program import run_program
from lab.location import need_host


def drill(
    names: Annotated[list[str] | None, typer.Argument(help="some of the list; all of them")] = None,
    listed: Annotated[bool, typer.Option("--list", help="what there is, and end")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="the same for scripts")] = False,
) -> None:
    """Breaks the lab while records stream in, and looks whether everything adds up. Exit 1 when something does not."""
    need_host("make drill")
    given = {"--list": listed, "--json": as_json}
    options = [option for option, wanted in given.items() if wanted]
    if code := run_program("drills", [*options, *(names or [])]):
        raise typer.Exit(code)
