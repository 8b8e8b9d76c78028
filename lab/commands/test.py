"""`make test`: everything a change must pass, on a lab that is up."""

from typing import Annotated

import typer

from lab.checks import check_steps
from lab.place import need_host
from lab.steps import Step, Steps, lanes
from lab.test_runs import FULL, pytest

LAB_TESTS = ("tests/lab", "tests/faults", "tests/browser")
MOST_FAILURES = 5
"""A lab that has broken fails every test after its deadline: hours that tell nothing new."""
NEED_LAB = {"MILLRACE_NEED_LAB": "1"}
"""A lab that fell silent fails these tests, it does not skip them."""


def test(
    everything: Annotated[bool, typer.Option("--all", help="at full length, for a release")] = False,
) -> None:
    """Runs `make check` while the lab comes up, then the tests against it. Exit 1 when one fails."""
    need_host("make test")
    up = Step("make up", ["make", "--no-print-directory", "up"], prefix="up: ")
    beside = [up, *check_steps(everything=everything)]
    after = lab_steps(everything=everything)
    steps = Steps(len(beside) + len(after))
    if not steps.run(beside, lanes()) or not steps.run(after):
        steps.summarise()
        raise typer.Exit(1)
    steps.summarise()


def lab_steps(*, everything: bool) -> list[Step]:
    """What needs the lab; where everything is wanted, one real machine after it."""
    left_out = [] if everything else [FULL]
    command = [*pytest(*LAB_TESTS, without=left_out, most_failures=MOST_FAILURES), "--durations=20"]
    on_lab = Step("tests on the lab", command, NEED_LAB, shown=True)
    return [on_lab, Step("make test-vm", ["make", "--no-print-directory", "test-vm"])] if everything else [on_lab]
