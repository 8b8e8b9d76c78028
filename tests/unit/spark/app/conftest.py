"""Runners that only say what happened to them."""

from collections.abc import Iterator
from typing import Any

import pytest

from spark.app import runners as module
from spark.app import wanted_feeds
from spark.app.runners import Runners
from sql.requests import Requests
from tests.unit.spark.app.app_in_memory import PLAN, RATE, WRITTEN, Ledger, Runner


@pytest.fixture
def ledger(monkeypatch: pytest.MonkeyPatch) -> Ledger:
    monkeypatch.setattr(module.requests, "read", lambda ledger: ledger.asked)
    monkeypatch.setattr(wanted_feeds, "load_lab", lambda: type("Lab", (), {"feeds": (RATE, PLAN)}))
    monkeypatch.setattr(wanted_feeds, "lab_changed_at", lambda: WRITTEN)
    monkeypatch.setattr(module.contracts_in_use, "read", lambda ledger: ledger.there)
    return Ledger(Requests({}, {}))


@pytest.fixture
def runners(ledger: Ledger) -> Iterator[Runners]:
    made: Any = Runners(Runner, ledger, pytest.fail)  # type: ignore[arg-type]
    yield made
    made.stop()
