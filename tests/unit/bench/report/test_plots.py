"""Figures as a picture: every figure and its middle value are in it, and the same figures make the same file."""

from pathlib import Path

import pytest

from bench.report import plots


def figure(name: str, unit: str, *values: float) -> dict[str, object]:
    ordered = sorted(values)
    return {
        "benchmark": "drain",
        "figure": name,
        "unit": unit,
        "min": ordered[0],
        "median": ordered[1],
        "max": ordered[2],
    }


def test_every_figure_is_drawn_with_its_middle_value(tmp_path: Path) -> None:
    found = [figure("Millrace", "rows/s", 41_000, 39_500, 43_000), figure("bare", "rows/s", 9, 8, 7)]
    document = {"figures": [*found, figure("Millrace", "core-s", 3.25, 3, 4)]}
    for name in ("one.svg", "two.svg"):
        plots.draw(document, tmp_path / name)
    drawn = (tmp_path / "one.svg").read_text()
    assert [
        text for text in ("Millrace", "bare", "rows/s", "core-s", "41,000", "3.25") if f"<!-- {text} -->" not in drawn
    ] == []
    assert drawn == (tmp_path / "two.svg").read_text()


def test_a_run_without_a_figure_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "figures.json").write_text('{"figures": []}')
    assert plots.main([str(tmp_path / "figures.json"), str(tmp_path / "picture.svg")]) == 1
    assert capsys.readouterr().err == "✗ There is no figure to draw.\n"
