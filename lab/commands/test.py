"""`make test`: everything a change must pass, on a lab that is up."""

from collections.abc import Sequence
from typing import Annotated

import typer

from lab.code_checks.check_steps import check_steps
from lab.code_checks.parallel_steps import Steps, lanes
from lab.code_checks.pytest_runs import FULL, pytest
from lab.code_checks.step import Step
from lab.location import need_host

UP, LAB, BROWSER, DRILLS = "make up", "tests on the lab", "tests in the browser", "drills"
LEDGER, LEDGERS_FOLDER = "tests of the ledger", "tests/lab/ledger"
MACHINES, MACHINES_FOLDER = "tests of the machines", "tests/lab/machines"
FILES, FILES_FOLDER = "tests of real files", "tests/lab/real_files"
BESIDE = (LEDGERS_FOLDER, MACHINES_FOLDER, FILES_FOLDER)
"""What runs beside the others, which take the longest of all: the ledger has a database of its own, machines are looked
at and left as they are, a real file's records are counted by their source."""
ALONE = ("tests/lab/alone", "tests/faults")
"""What others would not survive: it stops services, cuts machines off or runs `make up`."""
MOST_FAILURES = 5
"""A lab that has broken fails every test after its deadline: hours that tell nothing new."""
SLOWEST = 20
NEED_LAB = {"MILLRACE_NEED_LAB": "1"}
"""A lab that fell silent fails these tests, it does not skip them."""


def test(
    everything: Annotated[bool, typer.Option("--all", help="at full length, for a release")] = False,
) -> None:
    """Runs `make check` while the lab comes up, then the tests against it. Exit 1 when one fails."""
    need_host("make test")
    checks = check_steps(everything=everything, most_failures=MOST_FAILURES)
    steps = Steps([*lab_steps(everything=everything), *checks], MOST_FAILURES)
    succeeded = False
    try:
        succeeded = steps.run(lanes())
    finally:
        steps.summarise(SLOWEST)
    if not succeeded:
        raise typer.Exit(1)


def lab_steps(*, everything: bool) -> list[Step]:
    """What needs the lab. The drills and their like break it: they come when nobody else looks at it any more."""
    left_out = [] if everything else [FULL]
    # At full length feeds come and go in the checkout that the checks read.
    checks = [step.title for step in check_steps(everything=True)] if everything else []

    def tests(title: str, folders: Sequence[str], prefix: str, *behind: str, elsewhere: Sequence[str] = ()) -> Step:
        run = pytest(*folders, without=left_out, most_failures=MOST_FAILURES, elsewhere=elsewhere)
        return Step(title, run, NEED_LAB, prefix=prefix, needs=[UP], behind=behind, has_tests=True)

    steps = [
        Step(UP, ["make", "--no-print-directory", "up"], prefix="up: "),
        tests(LAB, ["tests/lab"], "lab: ", elsewhere=[*BESIDE, *ALONE]),
        tests(BROWSER, ["tests/browser"], "browser: "),
        tests(LEDGER, [LEDGERS_FOLDER], "ledger: "),
        tests(MACHINES, [MACHINES_FOLDER], "machines: "),
        tests(FILES, [FILES_FOLDER], "files: "),
        tests(DRILLS, ALONE, "drills: ", LAB, BROWSER, LEDGER, MACHINES, FILES, *checks),
    ]
    if everything:
        steps.append(Step("make test-vm", ["make", "--no-print-directory", "test-vm"], behind=[DRILLS]))
    return steps
