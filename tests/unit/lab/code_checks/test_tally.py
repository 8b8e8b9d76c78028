"""The sum of what tests tell, line by line."""

from pathlib import Path

import orjson

from lab.code_checks.closing import skips, slowest
from lab.code_checks.tally import CRASHED, RunEvent, Tally


def write(file: Path, *events: RunEvent) -> None:
    with file.open("ab") as lines:
        lines.writelines(orjson.dumps(one) + b"\n" for one in events)


def test_a_line_that_is_not_whole_yet_is_read_later(tmp_path: Path) -> None:
    tally = Tally(tmp_path / "events")
    tally.read()
    line = orjson.dumps(RunEvent(test="a", when="teardown", outcome="passed"))
    write(tally.file, RunEvent(total=2))
    with tally.file.open("ab") as file:
        file.write(line[:9])
    tally.read()
    assert (tally.standing(), tally.counts()) == ("0 of 2 tests", "")
    with tally.file.open("ab") as file:
        file.write(line[9:] + b"\n")
    tally.read()
    assert (tally.standing(), tally.counts()) == ("1 of 2 tests", "1 passed")


def test_a_test_is_counted_once_whatever_fails_of_it(tmp_path: Path) -> None:
    tally = Tally(tmp_path / "events")
    write(
        tally.file,
        RunEvent(test="a", when="setup", outcome="passed", seconds=1),
        RunEvent(test="a", when="call", outcome="failed", seconds=2, why="first"),
        RunEvent(test="a", when="teardown", outcome="failed", seconds=3, why="second"),
        RunEvent(test="b", when=CRASHED, outcome="failed", why="its process is gone"),
        RunEvent(test="c.py", when="collect", outcome="skipped", why="no browser"),
    )
    tally.read()
    assert (tally.counts(), tally.failures) == ("2 failed, 1 skipped", 3)
    assert tally.failed == {"a": "first", "b": "its process is gone"}
    assert slowest({"some": tally}, 1) == ["   6.0 s  a"]


def test_skips_are_summed_over_the_steps_and_listed_by_reason(tmp_path: Path) -> None:
    one, two = Tally(tmp_path / "one"), Tally(tmp_path / "two")
    write(
        one.file, *(RunEvent(test=name, outcome="skipped", why=f"../shared/data/{name} is not here") for name in "ab")
    )
    write(two.file, RunEvent(test="c", outcome="skipped", why="not on this machine (../shared/data)"))
    write(two.file, *(RunEvent(test=name, outcome="skipped", why=why) for name, why in ("dx", "ey", "fy")))
    for tally in (one, two):
        tally.read()
    assert skips({"one": one, "two": two}) == [
        "Skipped, 3 tests: the real data are not in ../shared/data.",
        "Skipped, 2 tests: y",
        "Skipped, 1 tests: x",
    ]
    assert skips({"none": Tally(tmp_path / "none")}) == []
