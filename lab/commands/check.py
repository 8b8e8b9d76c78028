"""`make check`: what needs no lab."""

import shutil
import subprocess

import typer

from lab.place import CHECKOUT, need_host
from lab.steps import Step, run_steps, summarise

PACKAGES = ("feeds", "producer", "spark", "sql", "lab")
LOCAL_TESTS = ("tests/unit", "tests/spark")
RUBY = 'for file; do ruby -wc "$file" > /dev/null || exit 1; done'


def check() -> None:
    """Lint, types, unit and local Spark tests. Exit 1 when one of them fails."""
    need_host("make check")
    if not summarise(run_steps(check_steps())):
        raise typer.Exit(1)


def check_steps() -> list[Step]:
    """The linters, then the tests that need no lab; their closing line comes last."""
    return [
        Step("ruff", ["ruff", "check", "."]),
        Step("ruff format", ["ruff", "format", "--check", "."]),
        Step("mypy", ["mypy", *PACKAGES]),
        Step("yamllint", ["yamllint", "--strict", "."]),
        Step("ansible-lint", ["ansible-lint", "--offline", "ansible"]),
        Step("ruby syntax", ["sh", "-c", RUBY, "ruby", *tracked("Vagrantfile", "vagrant/*.rb")]),
        *shell_steps(),
        Step("tests without a lab", ["pytest", *LOCAL_TESTS]),
    ]


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
