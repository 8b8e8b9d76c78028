"""The sign that parts a file's columns, found by CleverCSV: the one under which the values look like a table's.

G. J. J. van den Burg, A. Nazábal, C. Sutton: Wrangling messy CSV files by detecting row and type patterns (2019).
"""

from itertools import islice
from pathlib import Path

from clevercsv import Detector

SIGNS = (",", ";", "\t", "|")
LINES = 800
CHARACTERS = 1 << 16
"""CleverCSV weighs every dialect over all of it: a quarter of a second."""


def delimiter_of(path: Path, encoding: str, lines_above: int) -> str:
    """The delimiter; a comma where the file has one column only."""
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        text = "".join(islice(file, lines_above, lines_above + LINES))[:CHARACTERS].replace(
            "\0", "\N{REPLACEMENT CHARACTER}"
        )
    found = Detector().detect(text, delimiters=SIGNS)
    return (found.delimiter if found else "") or ","
