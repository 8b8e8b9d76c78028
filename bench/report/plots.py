"""Figures as a picture: `python -m bench.report.plots FIGURES.json PICTURE.svg` draws what `make bench JSON=1` prints.

A bar is the middle one of the runs, its line goes from the least to the greatest; figures of one unit share an axis.
"""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import orjson
from matplotlib.figure import Figure

from bench.report.figures import written
from lab.screen.output import complain
from millrace.errors import Refused

WIDTH, BAR, AROUND = 8.0, 0.32, 0.7
"""Inches: of the picture, of a bar and the room to the next, and of an axis with its title."""
COLOUR = "#4c78a8"


def draw(document: Mapping[str, Any], picture: Path) -> None:
    """The figures of a document as `bench.report.figures.document` makes it."""
    mpl.rcParams["svg.hashsalt"] = "millrace"  # the same figures make the same file
    by_unit: dict[str, list[dict[str, Any]]] = {}
    if not document["figures"]:
        raise Refused("There is no figure to draw.")
    for figure in document["figures"]:
        by_unit.setdefault(figure["unit"], []).append(figure)
    heights = [BAR * len(figures) + AROUND for figures in by_unit.values()]
    drawing = Figure(figsize=(WIDTH, sum(heights)), layout="constrained")
    axes = drawing.subplots(len(heights), squeeze=False, height_ratios=heights)[:, 0]
    for axis, (unit, figures) in zip(axes, by_unit.items(), strict=True):
        middle = [figure["median"] for figure in figures]
        spread = [[m - f["min"] for m, f in zip(middle, figures, strict=True)]]
        spread.append([f["max"] - m for m, f in zip(middle, figures, strict=True)])
        bars = axis.barh([figure["figure"] for figure in figures], middle, xerr=spread, color=COLOUR, capsize=3)
        axis.bar_label(bars, [written(value) for value in middle], padding=6)
        axis.margins(x=0.12)
        axis.invert_yaxis()
        axis.set_xlabel(unit)
        axis.spines[["top", "right"]].set_visible(False)
    drawing.savefig(picture, metadata={"Date": None})


def main(arguments: Sequence[str]) -> int:
    """The exit code."""
    figures, picture = map(Path, arguments)
    try:
        draw(orjson.loads(figures.read_bytes()), picture)
    except Refused as why:
        complain(str(why))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
