"""When `make up` calls the lab up."""

from contextlib import nullcontext

import pytest

from lab.host import readiness
from lab.observe.ledger import FeedHealth
from millrace.settings import load_lab


@pytest.fixture
def lab_with_all_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every feed has its rows, as after a `make down`, and Superset answers."""
    monkeypatch.setattr(readiness, "settings", lambda: None)
    monkeypatch.setattr(readiness, "warehouse", lambda _settings: nullcontext())
    monkeypatch.setattr(readiness, "feed_health", lambda _connection: {})
    monkeypatch.setattr(readiness, "missing_rows", lambda _wanted, _health: None)
    monkeypatch.setattr(readiness, "missing_dashboard", lambda: None)


@pytest.mark.usefixtures("lab_with_all_rows")
@pytest.mark.parametrize(("streams", "missing"), [(True, None), (False, "the streaming application does not run yet")])
def test_old_rows_are_not_enough(monkeypatch: pytest.MonkeyPatch, *, streams: bool, missing: str | None) -> None:
    monkeypatch.setattr(readiness, "stream_alive", lambda _connection: streams)
    assert readiness.what_is_missing(load_lab(), lambda _rows, _wanted: None) == missing


@pytest.mark.parametrize(
    ("read", "rows", "missing"),
    [
        (None, 0, "shares has 0 of its first 5 records"),
        (4, 4, "shares has 4 of its first 5 records"),
        (5, 5, None),
        pytest.param(9, 0, None, id="all of its rows have gone since"),
    ],
)
def test_first_records_need_not_be_there_still(read: int | None, rows: int, missing: str | None) -> None:
    health = {} if read is None else {"shares": FeedHealth("shares", "running", "", {}, read, rows, 0, None, None)}
    assert readiness.missing_rows({"shares": 5, "weather": 0}, health) == missing
