"""Doors that libraries keep for themselves: each stands in one module, which was seen with the pinned version.

Who changes a pin looks at the module first.
"""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOORS = {
    ("pyspark", "4.2.0"): ("spark/jvm.py",),
    ("kafka-python", "3.0.12"): ("millrace/kafka/connection.py", "millrace/kafka/unpacking.py"),
    ("mysql-connector-python", "26.10.0"): ("sql/connection.py",),
    ("mitogen", "0.3.54"): ("ansible/strategy_plugins/mitogen_unpinned.py",),
}
SPARKS_OWN = re.compile(r"\._(jvm|jsc|jc|jdf|jsparkSession|gateway)\b")


@pytest.mark.parametrize(("library", "version"), DOORS)
def test_the_module_was_seen_with_the_pinned_version(library: str, version: str) -> None:
    assert all((ROOT / module).is_file() for module in DOORS[library, version])
    pin = re.compile(rf"^{library}(?:\[[a-z0-9]+\])?==([\d.]+)", re.MULTILINE)
    pinned = {found for file in (ROOT / "requirements").glob("*.txt") for found in pin.findall(file.read_text())}
    assert pinned == {version}, f"see whether {DOORS[library, version]} still fit {library}"


def test_sparks_own_doors_are_used_by_one_module() -> None:
    modules = (ROOT / "spark").rglob("*.py")
    users = {module.relative_to(ROOT).as_posix() for module in modules if SPARKS_OWN.search(module.read_text())}
    assert users == {"spark/jvm.py"}
