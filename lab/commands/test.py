"""`make test`: everything, on a lab that is up."""

import os

import typer

from lab.commands.check import check_steps
from lab.place import need_host
from lab.steps import Step, run_steps, summarise

LAB_TESTS = ("tests/lab", "tests/browser", "tests/faults")
MOST_FAILURES = 20
"""A lab that has broken fails every test after its deadline: hours that tell nothing new."""


def test() -> None:
    """Runs `make check`, brings the lab up if it is not, and runs every test against it."""
    need_host("make test")
    if not summarise(run_steps(check_steps())):
        raise typer.Exit(1)
    if not summarise(run_steps([Step("make up", ["make", "--no-print-directory", "up"])])):
        raise typer.Exit(1)
    os.environ["MILLRACE_NEED_LAB"] = "1"  # a lab that fell silent fails these tests, it does not skip them
    command = ["pytest", f"--maxfail={MOST_FAILURES}", "--durations=40", *LAB_TESTS]
    if not summarise(run_steps([Step("tests on the lab", command)])):
        raise typer.Exit(1)
