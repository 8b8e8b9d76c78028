"""What `make test` runs, and what of it beside what."""

from collections.abc import Sequence

import pytest

from lab.code_checks.check_steps import check_steps
from lab.code_checks.step import Step
from lab.commands import test as command
from lab.location import CHECKOUT
from lab.sentences import general as sentences

pytestmark = pytest.mark.host
FILES = sorted(str(file.relative_to(CHECKOUT)) for file in (CHECKOUT / "tests").rglob("test_*.py"))


def runs(step: Step, file: str) -> bool:
    """Whether the step's pytest collects the file."""

    def holds(folders: Sequence[str]) -> bool:
        return any(file.startswith(f"{folder}/") for folder in folders)

    ignored = [part.partition("=")[2] for part in step.command if part.startswith("--ignore=")]
    return holds([part for part in step.command if part.startswith("tests/")]) and not holds(ignored)


@pytest.mark.parametrize("everything", [False, True])
def test_every_test_is_run_and_none_on_the_lab_twice(everything: bool) -> None:
    on_lab, off_lab = command.lab_steps(everything=everything), check_steps(everything=everything)
    for file in FILES:
        runners = [step.title for step in on_lab if runs(step, file)]
        assert len(runners) == (0 if file.startswith(("tests/unit/", "tests/spark/")) else 1), file
        assert runners or any(runs(step, file) for step in off_lab), file


@pytest.mark.parametrize("everything", [False, True])
def test_what_breaks_the_lab_is_run_when_no_other_step_looks_at_it(everything: bool) -> None:
    steps = command.lab_steps(everything=everything)
    (alone,) = [step for step in steps if runs(step, "tests/lab/alone/test_bench_drain.py")]
    assert runs(alone, "tests/faults/one_feed/test_kills.py")
    others = {step.title for step in steps if any(runs(step, file) for file in FILES)} - {alone.title}
    # At full length feeds come and go in the checkout, which the checks read.
    checks = {step.title for step in check_steps(everything=True)} if everything else set()
    assert set(alone.behind) == others | checks
    after = [step for step in steps if step.title not in {*others, alone.title, *alone.needs}]
    assert all(alone.title in step.behind for step in after)


def test_ci_prints_what_stands_from_the_closing_heading_on() -> None:
    assert f"'/^{sentences.STEPS_CLOSING}$/,$p'" in (CHECKOUT / ".ci" / "run").read_text(encoding="utf-8")
