"""spark-submit puts the script's own folder first on the path, so no module there may carry a name of Python's."""

import sys
from pathlib import Path

SPARK = Path(__file__).parents[3] / "spark"
SCRIPTS = ("app", "jobs")


def test_no_module_hides_one_of_python() -> None:
    modules = {file.stem for folder in SCRIPTS for file in (SPARK / folder).glob("*.py")}
    assert modules & sys.stdlib_module_names == set()
