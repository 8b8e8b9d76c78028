"""From sent to seen: told when the number has moved, and not before."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("playwright", reason="there is no browser here")

from bench import seen
from bench.report.figures import Name, Options
from millrace.errors import Refused

pytestmark = pytest.mark.host


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What the tile shows, look by look; the last for ever."""
    texts: list[str] = []
    page = SimpleNamespace(wait_for_timeout=lambda _ms: None)
    dashboard = SimpleNamespace(text=lambda _tile: texts.pop(0) if len(texts) > 1 else texts[0])
    site = SimpleNamespace(log_in=lambda _user: page, open=lambda _page, _slug: dashboard)

    def context(name: str, gives: Any = None) -> None:
        @contextmanager
        def entered(*_given: object) -> Iterator[Any]:
            yield gives

        monkeypatch.setattr(seen, name, entered)

    for name, gives in {"rates_file": Path("bench-1.csv"), "quiet": None, "opened_site": site}.items():
        context(name, gives)
    monkeypatch.setattr(seen, "sent", lambda _file: None)
    monkeypatch.setattr(seen, "asked", lambda _query, _file: 12.5 if len(texts) == 1 else -1)
    yield texts


def test_it_is_told_when_the_number_has_moved(shown: list[str]) -> None:
    shown += ["7", "7", "7", "1,007"]
    assert seen.measure(Options(), 0) == {Name("from sent to seen", "s"): 12.5}


def test_a_number_that_stands_still_is_no_figure(shown: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    shown += ["7"]
    monkeypatch.setattr(seen, "PATIENCE_SECONDS", 0)
    with pytest.raises(Refused, match="moves from 7, not after 0 s"):
        seen.measure(Options(), 0)
