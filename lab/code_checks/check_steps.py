"""The steps of `make check`: linters, types, and the tests that need no lab."""

import shutil
import subprocess
from collections.abc import Sequence

from lab.code_checks.pytest_runs import BULK, FULL, HOST, has_guest_python, on_guest_python, pytest
from lab.code_checks.step import Step
from lab.location import CHECKOUT, code_folders

RUBY = 'for file; do ruby -wc "$file" > /dev/null || exit 1; done'


def check_steps(*, everything: bool = False, most_failures: int = 0) -> list[Step]:
    """All of them, the longest first so that none is left over at the end. `most_failures`: as for `pytest`."""
    left_out = [] if everything else [FULL]
    return [
        *unit_steps(left_out, most_failures),
        Step("Spark tests", pytest("tests/spark", without=left_out, most_failures=most_failures), has_tests=True),
        Step("ansible-lint", ["ansible-lint", "--offline", "ansible"]),
        Step("mypy", ["mypy", *code_folders(), "instruments", "drills", "bench"]),
        Step("import-linter", ["lint-imports", "--no-logo", "--no-cache"]),
        Step("yamllint", ["yamllint", "--strict", "."]),
        Step("ruff", ["ruff", "check", "."]),
        Step("ruff format", ["ruff", "format", "--check", "."]),
        Step("ruby syntax", ["sh", "-c", RUBY, "ruby", *tracked("Vagrantfile", "vagrant/*.rb")]),
        *shell_steps(),
    ]


def unit_steps(left_out: Sequence[str], most_failures: int = 0) -> list[Step]:
    """The unit tests on this host's Python and, where that is another, on the guests'."""

    def run(*marks: str) -> list[str]:
        return pytest("tests/unit", beside=2, without=[*left_out, *marks], most_failures=most_failures)

    if has_guest_python():
        return [Step("unit tests", run(), has_tests=True)]
    there = Step("unit tests on the guests' Python", on_guest_python(run(HOST)), has_tests=True)
    return [there, Step("unit tests", run(BULK), has_tests=True)]


def shell_steps() -> list[Step]:
    """shellcheck over every shell script, where the host has it."""
    scripts = tracked("*.sh", ".ci/run")
    if not scripts or shutil.which("shellcheck") is None:
        return []
    return [Step("shellcheck", ["shellcheck", "--severity=warning", *scripts])]


def tracked(*patterns: str) -> list[str]:
    """The files of the checkout that git knows, or will know, and that match."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns]
    listed = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=True)
    return listed.stdout.split()
