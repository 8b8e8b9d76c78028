"""How large a file, a function and a folder may be, so that each can be read at once."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.code_checks.check_steps import tracked
from lab.location import CHECKOUT

pytestmark = pytest.mark.host

FILE_LINES, FUNCTION_LINES, FOLDER_MODULES = 250, 40, 15
WIDE = {Path("lab/commands"), Path("sql/migrations")}
"""One file per command of the user, one per change of the schema: folders that are read as lists."""
BLOCKS = {
    ".rb": re.compile(r"^( *)def (?!\S+(?:\([^)]*\))? = |.*; end$)(\S+).*\n(?:.*\n)*?\1end\b", re.M),
    ".sh": re.compile(r"^( *)(\w+)\(\) \{\n(?:.*\n)*?\1\}", re.M),
}
"""A function of more than one line, to the line that closes it: it stands as far to the right as the first."""


@pytest.fixture(scope="module")
def texts() -> dict[Path, str]:
    """All code of the checkout; SQL is not cut, as a migration is written once."""
    names = map(Path, tracked("*.py", "*.rb", "*.sh", "Vagrantfile"))
    return {name: (CHECKOUT / name).read_text(encoding="utf-8") for name in names if (CHECKOUT / name).is_file()}


def test_files_are_short(texts: dict[Path, str]) -> None:
    lines = {str(name): len(text.splitlines()) for name, text in texts.items()}
    assert {name: count for name, count in lines.items() if count > FILE_LINES} == {}


def functions(name: Path, text: str) -> Iterator[tuple[str, int]]:
    """Each function of a file, with its number of lines."""
    if name.suffix == ".py":
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{name}:{node.lineno} {node.name}", (node.end_lineno or 0) - node.lineno + 1
        return
    for found in BLOCKS[name.suffix or ".rb"].finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        yield f"{name}:{line} {found[2]}", found[0].count("\n") + 1


def test_functions_are_short(texts: dict[Path, str]) -> None:
    lines = dict(each for name, text in texts.items() for each in functions(name, text))
    assert {Path(name.partition(":")[0]).suffix for name in lines} == {".py", ".rb", ".sh"}
    assert {name: count for name, count in lines.items() if count > FUNCTION_LINES} == {}


def test_folders_hold_few_modules(texts: dict[Path, str]) -> None:
    modules = Counter(name.parent for name in texts if name.name != "__init__.py")
    assert {
        str(folder): count for folder, count in modules.items() if count > FOLDER_MODULES and folder not in WIDE
    } == {}
