"""When `make up` calls the lab up."""

from contextlib import nullcontext

import pytest

from feeds.settings import load_lab
from lab import ready


@pytest.fixture
def lab_with_all_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every feed has its rows, as after a `make down`, and Superset answers."""
    monkeypatch.setattr(ready, "settings", lambda: None)
    monkeypatch.setattr(ready, "warehouse", lambda _settings: nullcontext())
    monkeypatch.setattr(ready, "feed_health", lambda _connection: {})
    monkeypatch.setattr(ready, "missing_rows", lambda _wanted, _health: None)
    monkeypatch.setattr(ready, "missing_dashboard", lambda: None)


@pytest.mark.usefixtures("lab_with_all_rows")
@pytest.mark.parametrize(("streams", "missing"), [(True, None), (False, "the streaming application does not run yet")])
def test_old_rows_are_not_enough(monkeypatch: pytest.MonkeyPatch, *, streams: bool, missing: str | None) -> None:
    monkeypatch.setattr(ready, "stream_alive", lambda _connection: streams)
    assert ready.what_is_missing(load_lab(), lambda _rows, _wanted: None) == missing
