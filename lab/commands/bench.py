"""`make bench`: what the lab reaches on this machine."""

from typing import Annotated

import typer

from lab.host.program import run_program
from lab.location import need_host


def bench(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="which of those in `make help`; else all that docs/commands.md does not call by name only"),
    ] = None,
    times: Annotated[int, typer.Option(min=1, help="runs of each")] = 3,
    rows: Annotated[int, typer.Option(min=1, help="of the file that is sent, and of a drain")] = 200_000,
    seconds: Annotated[int, typer.Option(min=1, help="the load of all feeds lasts")] = 60,
    as_json: Annotated[bool, typer.Option("--json", help="every value, and the machine")] = False,
) -> None:
    """Figures of what the lab reaches. Exit 1 when a count is wrong, never for a figure."""
    need_host("make bench")
    options = [f"--times={times}", f"--rows={rows}", f"--seconds={seconds}", *(["--json"] if as_json else [])]
    if code := run_program("bench", [*options, *(names or [])]):
        raise typer.Exit(code)
