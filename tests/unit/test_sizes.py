"""How large a file, a function and a folder may be, so that each can be read at once."""

import ast
from collections import Counter
from pathlib import Path

import pytest

from lab.code_checks.check_steps import tracked
from lab.location import CHECKOUT

pytestmark = pytest.mark.host

FILE_LINES, FUNCTION_LINES, FOLDER_MODULES = 250, 40, 15
WIDE = {Path("lab/commands"), Path("sql/migrations")}
"""One file per command of the user, one per change of the schema: folders that are read as lists."""


@pytest.fixture(scope="module")
def texts() -> dict[Path, str]:
    """All code of the checkout; SQL is not cut, as a migration is written once."""
    names = map(Path, tracked("*.py", "*.rb", "*.sh", "*.js", "Vagrantfile"))
    return {name: (CHECKOUT / name).read_text(encoding="utf-8") for name in names if (CHECKOUT / name).is_file()}


def test_files_are_short(texts: dict[Path, str]) -> None:
    lines = {str(name): len(text.splitlines()) for name, text in texts.items()}
    assert {name: count for name, count in lines.items() if count > FILE_LINES} == {}


def test_functions_are_short(texts: dict[Path, str]) -> None:
    lines = {
        f"{name}:{node.lineno} {node.name}": (node.end_lineno or 0) - node.lineno + 1
        for name, text in texts.items()
        if name.suffix == ".py"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert {name: count for name, count in lines.items() if count > FUNCTION_LINES} == {}


def test_folders_hold_few_modules(texts: dict[Path, str]) -> None:
    modules = Counter(name.parent for name in texts if name.name != "__init__.py")
    assert {
        str(folder): count for folder, count in modules.items() if count > FOLDER_MODULES and folder not in WIDE
    } == {}
