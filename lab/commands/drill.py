"""`make drill`: what the lab endures."""

import subprocess
import sys
from typing import Annotated

import typer

from lab.location import CHECKOUT, need_host


def drill(
    names: Annotated[list[str] | None, typer.Argument(help="some of the list; all of them")] = None,
    listed: Annotated[bool, typer.Option("--list", help="what there is, and end")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="the same for scripts")] = False,
) -> None:
    """Breaks the lab while records stream in, and looks whether everything adds up. Exit 1 when something does not."""
    need_host("make drill")
    given = {"--list": listed, "--json": as_json}
    options = [option for option, wanted in given.items() if wanted]
    done = subprocess.run([sys.executable, "-m", "drills", *options, *(names or [])], cwd=CHECKOUT, check=False)
    if done.returncode:
        raise typer.Exit(done.returncode)
