"""lab.yml under lab.local.yml: the one merge of the two. vagrant/lab.rb reads alike where there is no Python yet.

usage: python -m millrace.lab_files KEY        prints one setting of the checkout
"""

import os
import sys
from functools import reduce
from pathlib import Path
from typing import Any

from millrace.errors import Refused
from millrace.yaml_file import merged, read_yaml

CHECKOUT = Path(__file__).parent.parent
INSTALLED = Path("/etc/millrace/lab.yml")
"""On a machine: what the host has merged."""
LOCAL = "lab.local.yml"


def merged_lab(path: Path | None = None) -> dict[str, Any]:
    """The settings as they stand; Refused where a file cannot be read."""
    file, *above = lab_files(path)
    return reduce(merged, (read_yaml(each, may_be_empty=True) for each in above), read_yaml(file))


def lab_files(path: Path | None = None) -> list[Path]:
    """The files that count, the one that wins last.

    `path` or $MILLRACE_LAB alone, else the checkout's lab.yml, its lab.local.yml and $MILLRACE_OVERLAY, else INSTALLED.
    """
    named = path or (Path(os.environ["MILLRACE_LAB"]) if "MILLRACE_LAB" in os.environ else None)
    if named:
        return [named]
    return files_of(CHECKOUT) if (CHECKOUT / "lab.yml").exists() else [INSTALLED]


def files_of(checkout: Path) -> list[Path]:
    """A checkout's files that are there, the one that wins last."""
    overlay = os.environ.get("MILLRACE_OVERLAY")
    above = [checkout / LOCAL, *([checkout / overlay] if overlay else [])]
    return [checkout / "lab.yml", *(file for file in above if file.exists())]


if __name__ == "__main__":
    try:
        print(merged_lab()[sys.argv[1]])
    except Refused as refused:
        sys.exit(f"✗ {refused}")
