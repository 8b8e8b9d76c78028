"""No wait within a test is longer than the test may take: pytest would end it first, and nobody is told what it was."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.location import CHECKOUT

LONGEST = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["tool"]["pytest"]["ini_options"]["timeout"]
FILES = [file for folder in ("faults", "lab") for file in sorted((CHECKOUT / "tests" / folder).rglob("*.py"))]
MARK = "pytest.mark.timeout"


def seconds(node: ast.expr, known: dict[str, float]) -> float:
    """What numbers and the file's own constants add up to; 0 where there is anything else."""
    match node:
        case ast.Constant(value=int() | float() as found):
            return found
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return seconds(left, known) + seconds(right, known)
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return seconds(left, known) * seconds(right, known)
    return known.get(ast.unparse(node), 0)


def limits(part: ast.AST, known: dict[str, float]) -> Iterator[tuple[bool, float]]:
    """Each deadline in a part of a file, and whether it is a test's own."""
    for call in (each for each in ast.walk(part) if isinstance(each, ast.Call)):
        name = ast.unparse(call.func)
        given = call.args[:1] if name == MARK else call.args[2:3] if name == "wait_until" else []
        given += [each.value for each in call.keywords if each.arg in {"timeout", "seconds"}]
        yield from ((name == MARK, seconds(each, known)) for each in given)


def too_long(text: str) -> list[str]:
    tree, known = ast.parse(text), dict[str, float]()
    for each in tree.body:
        if isinstance(each, ast.Assign):
            known[ast.unparse(each.targets[0])] = seconds(each.value, known)
    marks = (each for each in tree.body if isinstance(each, ast.Assign))
    files_own = [limit for each in marks for is_own, limit in limits(each, known) if is_own]
    found = []
    for each in (each for each in tree.body if isinstance(each, ast.FunctionDef | ast.ClassDef)):
        own = [limit for is_own, limit in limits(each, known) if is_own] or files_own or [LONGEST]
        found += [each.name for is_own, limit in limits(each, known) if not is_own and limit > max(own)]
    return found


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_test_outlives_what_it_waits_for(file: Path) -> None:
    assert too_long(file.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("mark", "found"), [("", ["a"]), (f"@{MARK}(LONG + 1)", []), (f"@{MARK}(60)", ["a"]), (f"x = {MARK}(3 * LONG)", [])]
)
def test_a_wait_that_is_longer_is_found(mark: str, found: list[str]) -> None:
    assert too_long(f"LONG = {LONGEST + 1}\n{mark}\ndef a(): run(timeout=LONG)") == found
