"""`make check`: what needs no lab."""

import typer

from lab.code_checks.check_steps import check_steps
from lab.code_checks.parallel_steps import Steps, lanes
from lab.location import need_host


def check() -> None:
    """Lint, types, unit and local Spark tests, side by side. Exit 1 when one of them fails."""
    need_host("make check")
    steps = Steps(check_steps())
    succeeded = steps.run(lanes())
    steps.summarise()
    if not succeeded:
        raise typer.Exit(1)
