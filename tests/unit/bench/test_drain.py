"""The benchmark of Millrace and its peers: turns, figures, and what makes one void."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from decimal import Decimal
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from bench import drain, send
from bench.__main__ import Options
from bench.drain import Contender, Turn, begun_by, figures_of, measure
from bench.held import Held
from bench.peers.table import Print
from bench.peers.watched import Course
from bench.report.figures import Figures, Measured, Name, WrongCount
from millrace.errors import Refused

pytestmark = pytest.mark.host
SENT = Print(200_000, Decimal("9.50"), 7)
RECORDS = Held({0: 0}, {0: 200_000}, 42, Path("bench-1.csv"))
COURSE = Course([(10.0, 100_000), (20.0, 200_000)], 6.0)
SPENT = {"kafka": 1.0, "spark": 2.0, "mysql": 4.0, "superset": 9.0}
REACHED: Any = None
SPEED = Name("somebody", "rows/s")


def contender(
    found: Print = SENT, why: Refused | None = None, name: str = "somebody", course: Course = COURSE
) -> Contender:
    def turn(_records: Held, _reached: object) -> Turn:
        if why:
            raise why
        return Turn(course, SPENT, found)

    return Contender(name, turn)


def test_a_turn_tells_rows_a_second_and_what_they_cost_where() -> None:
    assert figures_of(contender(), RECORDS, REACHED, SENT) == {
        Name("somebody", "rows/s"): 10_000,
        Name("somebody, from its start", "rows/s"): 10_000,
        Name("somebody: kafka", "core-s per 100,000", "somebody"): 0.5,
        Name("somebody: spark", "core-s per 100,000", "somebody"): 1,
        Name("somebody: mysql", "core-s per 100,000", "somebody"): 2,
        Name("somebody: host", "core-s per 100,000", "somebody"): 3,
    }


def test_a_table_that_holds_something_else_makes_the_figure_void() -> None:
    other = Print(200_000, Decimal("9.49"), 7)
    ((name, why),) = figures_of(contender(other), RECORDS, REACHED, SENT).items()
    assert name == Name("somebody", "rows/s")
    assert isinstance(why, WrongCount)


def test_who_cannot_be_installed_is_told_with_the_obstacle() -> None:
    obstacle = Refused("Maven cannot fetch it.")
    assert figures_of(contender(why=obstacle), RECORDS, REACHED, SENT) == {Name("somebody", "rows/s"): obstacle}


def test_a_turn_that_a_stop_has_broken_is_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("instruments.interrupted._asked", [2])
    with pytest.raises(KeyboardInterrupt):
        figures_of(contender(why=Refused("MySQL cannot be reached.")), RECORDS, REACHED, SENT)


def test_each_run_is_begun_by_another_and_nobody_is_left_out() -> None:
    orders = [begun_by(number) for number in range(len(drain.CONTENDERS))]
    assert len({order[0].name for order in orders}) == len(drain.CONTENDERS)
    assert all(set(order) == set(drain.CONTENDERS) for order in orders)


def test_no_contender_is_called_like_the_beginning_of_another() -> None:
    names = [one.name for one in drain.CONTENDERS]
    assert not [pair for pair in combinations(names, 2) if pair[0].startswith(pair[1]) or pair[1].startswith(pair[0])]


@pytest.mark.parametrize(
    ("rows", "number", "rounds"), [(50_000, 0, [20_000, 50_000]), (50_000, 1, [50_000]), (20_000, 0, [20_000])]
)
def test_before_the_first_run_all_warm_up(
    monkeypatch: pytest.MonkeyPatch, rows: int, number: int, rounds: list[int]
) -> None:
    did: list[int] = []
    monkeypatch.setattr(drain, "drained", lambda rows, _number: did.append(rows) or {SPEED: float(rows)})  # type: ignore[func-returns-value]
    assert measure(Options(rows=rows), number) == {SPEED: rows}
    assert did == rounds


def test_a_wrong_count_while_all_warm_up_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong, away = WrongCount("A row is missing."), Refused("Maven cannot fetch it.")
    warm: Measured = {SPEED: wrong, Name("else", "rows/s"): away}
    cold: Measured = {SPEED: 1.0, Name("else", "rows/s"): 2.0}
    monkeypatch.setattr(drain, "drained", lambda rows, _number: warm if rows == drain.WARM_ROWS else cold)
    assert measure(Options(rows=50_000), 0) == {SPEED: wrong, Name("else", "rows/s"): 2}


@pytest.fixture
def resting(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What rests while contenders take their turns on a lab that has all they need."""
    resting: list[str] = []

    @contextmanager
    def rest(machine: str, *units: str) -> Iterator[None]:
        resting.extend(f"{machine}: {unit}" for unit in units)
        yield

    monkeypatch.setattr(send, "wait_for_batch_jobs", lambda: resting.append("no batch job"))
    monkeypatch.setattr(drain, "rates_file", lambda *_: nullcontext(Path("bench-1.csv")))
    monkeypatch.setattr(drain, "source_of", lambda *_: 42)
    monkeypatch.setattr(send, "resting", rest)
    monkeypatch.setattr(drain, "held", lambda *_: nullcontext(RECORDS))
    monkeypatch.setattr(drain, "scratch", nullcontext)
    monkeypatch.setattr(drain, "switch_off_left", lambda reached: reached)
    monkeypatch.setattr(drain, "print_of_file", lambda _file: SENT)
    return resting


def test_a_run_tells_how_many_times_as_fast_as_each_other_millrace_is(
    monkeypatch: pytest.MonkeyPatch, resting: list[str]
) -> None:
    slow, fast = Course([(20.0, 1), (30.0, 200_000)]), Course([(20.0, 100_000), (22.0, 200_000)])
    at_once = Course([(9.0, 200_000)])
    others = (
        contender(name="kafka-python", course=slow),
        contender(name="LOAD DATA", course=at_once),
        contender(name="Flink", why=Refused("Maven cannot fetch it.")),
    )

    def ratios_to(own: Contender) -> dict[str, object]:
        monkeypatch.setattr(drain, "CONTENDERS", (*others, own))
        return {name.figure: value for name, value in drain.drained(200_000, 0).items() if name.unit == "ratio"}

    found = ratios_to(contender(name=drain.OWN, course=fast))
    assert found.pop("Millrace / kafka-python") == 50_000 / 19_999.9
    assert {name: str(why) for name, why in found.items()} == {"Millrace / Flink": "Flink is void."}
    assert ratios_to(contender(name=drain.OWN, course=at_once)) == {}
    assert ratios_to(contender(name=drain.OWN, why=Refused("It stands."))) == {}


def test_everything_else_rests_meanwhile(monkeypatch: pytest.MonkeyPatch, resting: list[str]) -> None:
    monkeypatch.setattr(drain, "CONTENDERS", (contender(),))
    assert len(drain.drained(200_000, 3)) == 6
    assert resting == [
        "kafka: millrace-simulate@*.service",
        "kafka: millrace-poll@*.service",
        "kafka: millrace-*.timer",
        "spark: millrace-*.timer",
        "no batch job",
    ]


def test_what_is_void_once_is_void_in_every_run_and_leaves_the_others() -> None:
    good: Measured = {Name("a", "rows/s"): 1.0, Name("a, from its start", "rows/s"): 1.0, Name("b", "rows/s"): 2.0}
    figures = Figures("drain")
    figures.add(good)
    figures.add({Name("a", "rows/s"): WrongCount("A row is missing."), Name("b", "rows/s"): 4.0})
    figures.add(good)
    assert figures.rows() == [["drain", "b", "rows/s", "2", "2", "4", 3], ["drain", "a", "", "void", "void", "void", 0]]
    assert figures.reasons() == {"drain, a": "A row is missing."}
    assert figures.is_wrong
