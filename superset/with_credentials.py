"""Runs a Python program with what a unit's credentials say in its environment, where only the program itself sees it.

    python superset/with_credentials.py PROGRAM [ARGUMENT…]

Superset and MySQL's client library read variables, and those that a process is started with can be read in /proc. These
are set later: the lines NAME=VALUE of each *.env in $CREDENTIALS_DIRECTORY whose names are not set already.
"""

import os
import runpy
import sys
from pathlib import Path


def set_variables(folder: Path) -> None:
    for file in sorted(folder.glob("*.env")):
        for line in file.read_text(encoding="utf-8").splitlines():
            name, _, value = line.partition("=")
            os.environ.setdefault(name, value)


def main() -> None:
    set_variables(Path(os.environ["CREDENTIALS_DIRECTORY"]))
    del sys.argv[0]
    # As Python does for a program that it is given.
    sys.path[0] = str(Path(sys.argv[0]).parent)
    runpy.run_path(sys.argv[0], run_name="__main__")


if __name__ == "__main__":
    main()
