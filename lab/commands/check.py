"""`make check`: what needs no lab."""

import shutil
import subprocess

import typer

from lab.place import CHECKOUT, need_host
from lab.steps import Step, run_steps, summarise

PACKAGES = ("feeds", "producer", "spark", "sql", "lab")
LOCAL_TESTS = ("tests/unit", "tests/spark")


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
        Step("ruby syntax", ["ruby", "-wc", *tracked("Vagrantfile", "vagrant/*.rb")]),
        *shell_steps(),
        Step("tests without a lab", ["pytest", *LOCAL_TESTS]),
    ]


def shell_steps() -> list[Step]:
    """shellcheck over every shell script, where the host has it."""
    scripts = tracked("*.sh", ".ci/run")
    return [Step("shellcheck", ["shellcheck", "--severity=warning", *scripts])] if scripts and shutil.which("shellcheck") else []


def tracked(*patterns: str) -> list[str]:
    """The files of the checkout that git knows, or will know, and that match."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns]
    listed = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=True)
    return listed.stdout.split()
