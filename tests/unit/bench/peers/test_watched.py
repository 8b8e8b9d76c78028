"""A peer at work: until all rows are stored, and what is said where they never are."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.peers import watched
from bench.peers.task import Start
from bench.peers.watched import Course, course_of, last_words
from millrace.errors import Refused
from tests.unit.bench.peers.tasks import task_in

pytestmark = pytest.mark.host
WAITS = "import sys; print('ready', flush=True); sys.stdin.read(); import time; time.sleep(600)"


def process(code: str) -> Start:
    return Start([sys.executable, "-c", code], {"WORD": "from-environment"})


def counts(*answers: int) -> Callable[[], int]:
    left = list(answers)
    return lambda: left.pop(0) if len(left) > 1 else left[0]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watched, "POLL_SECONDS", 0.01)


def test_it_is_watched_until_all_rows_are_stored(tmp_path: Path) -> None:
    stored = counts(9, 10)
    course = course_of(task_in(tmp_path, rows=10), process(WAITS), counts(0, 4, 4, 11), stored)
    assert [rows for _, rows in course.points] == [4, 9, 10]
    assert course.seconds == course.points[-1][0]


def test_one_that_ends_by_itself_is_asked_once_more_what_is_stored(tmp_path: Path) -> None:
    course = course_of(task_in(tmp_path, rows=10), process("pass"), counts(0), counts(10))
    assert course.points[-1][1] == 10


def test_one_that_ends_too_soon_is_refused_with_its_last_words_and_no_password(tmp_path: Path) -> None:
    code = "import os; print(os.environ['WORD'], 'secret-of-mysql', 'secret-of-kafka'); raise SystemExit(1)"
    with pytest.raises(Refused) as refused:
        course_of(task_in(tmp_path, rows=10), process(code), counts(0), counts(7))
    stars = "**********"
    assert str(refused.value) == f"It ended after 7 of 10 rows: from-environment {stars} {stars}"


def test_one_that_gets_no_further_is_refused_and_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watched, "PATIENCE_SECONDS", 0)
    with pytest.raises(Refused, match="It wrote nothing for 0 s after 0 of 10 rows: "):
        course_of(task_in(tmp_path, rows=10), process(WAITS), counts(0), counts(0))


def test_the_rate_is_from_the_first_rows_to_the_last() -> None:
    assert Course([(10.0, 1_000), (12.0, 5_000)]).rows_per_second == 2_000
    assert Course([(10.0, 5_000)]).rows_per_second is None


def test_who_said_nothing_has_said_nothing(tmp_path: Path) -> None:
    (tmp_path / "log").touch()
    assert last_words(tmp_path / "log", task_in(tmp_path).password) == "it said nothing"
