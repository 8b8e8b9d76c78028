"""The first load after a start: its figures, and how few rows it sends."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bench import start
from bench.held import Held
from bench.peers.watched import Course
from bench.report.figures import Options

pytestmark = pytest.mark.host


@pytest.mark.parametrize(("rows", "sent"), [(7, 7), (200_000, start.MOST_ROWS)])
def test_the_first_commit_and_the_first_load_are_told(monkeypatch: pytest.MonkeyPatch, rows: int, sent: int) -> None:
    monkeypatch.setattr(start, "source_of", lambda *_: 42)
    monkeypatch.setattr(start, "own_course", lambda _held: Course([(9.5, 4), (11.0, 7)]))
    monkeypatch.setattr(start, "settings", lambda: None)
    asked: list[tuple[str, object]] = []

    def context(name: str, gives: Any = None) -> None:
        @contextmanager
        def entered(*given: object) -> Iterator[Any]:
            asked.append((name, given))
            yield gives

        monkeypatch.setattr(start, name, entered)

    file = Path("bench-1.csv")
    answer = SimpleNamespace(
        execute=lambda _query, of: SimpleNamespace(scalar_one=lambda: 2.5 if of["source"] else None)
    )
    context("rates_file", file)
    context("quiet")
    context("held", Held({0: 0}, {0: sent}, 42, file))
    context("warehouse", answer)
    figures = {name.figure: value for name, value in start.measure(Options(rows=rows), 0).items()}
    assert figures == {"from its start to the first commit": 9.5, "the first load itself": 2.5}
    assert ("rates_file", (sent,)) in asked
    assert ("held", (file, 42, sent)) in asked
