"""spark-submit puts the script's own folder first on the path, so no module there may carry a name of Python's."""

import sys
from pathlib import Path

SPARK = Path(__file__).parents[2] / "spark"


def test_no_module_hides_one_of_python() -> None:
    assert {file.stem for file in SPARK.glob("*.py")} & sys.stdlib_module_names == set()
