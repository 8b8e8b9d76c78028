"""Superset's settings: nobody waits for a MySQL that has gone for longer than for an answer."""

import importlib
import sys
from types import ModuleType, SimpleNamespace
from unittest.mock import MagicMock

import pytest
from sqlalchemy.pool import NullPool

from millrace.lab_files import CHECKOUT
from tests.unit.superset.test_assets import DATABASES

OTHERS = (
    "flask",
    "flask_limiter",
    "flask_limiter.util",
    "flask_login",
    "limits",
    "limits.storage",
    "limits.strategies",
)
TIMEOUTS = ("connect_timeout", "read_timeout", "write_timeout")


@pytest.fixture
def config(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The file as Superset imports it, without Superset."""
    superset = SimpleNamespace(config=SimpleNamespace(THEME_DEFAULT={}, THEME_DARK={}))
    for name in OTHERS:
        monkeypatch.setitem(sys.modules, name, MagicMock())
    monkeypatch.setitem(sys.modules, "superset", superset)
    monkeypatch.setitem(sys.modules, "superset.utils", MagicMock())
    monkeypatch.setitem(sys.modules, "superset.utils.log", SimpleNamespace(AbstractEventLogger=object))
    for name, value in {"SUPERSET_SECRET_KEY": "x", "MILLRACE_MYSQL_HOST": "db", "MILLRACE_MYSQL_CA": "/ca"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.syspath_prepend(CHECKOUT / "superset")
    monkeypatch.delitem(sys.modules, "superset_config", raising=False)
    module = importlib.import_module("superset_config")
    monkeypatch.delitem(sys.modules, "superset_config")
    return module


def test_its_own_tables_are_waited_for_less_long_than_a_request_may_take(config: ModuleType) -> None:
    patience = config.SQLALCHEMY_ENGINE_OPTIONS["connect_args"]
    assert set(patience) == set(TIMEOUTS)
    assert 0 < patience["connect_timeout"] <= 15
    assert all(0 < patience[name] < config.SUPERSET_WEBSERVER_TIMEOUT for name in TIMEOUTS)


def test_the_datasets_database_is_waited_for_as_long(config: ModuleType) -> None:
    (database,) = DATABASES.values()
    assert database["extra"]["engine_params"]["connect_args"] == config.MYSQL_PATIENCE


def test_no_connection_is_kept(config: ModuleType) -> None:
    """Idle ones would be found dead by whoever takes them next, see docs/decisions.md."""
    assert config.SQLALCHEMY_ENGINE_OPTIONS["poolclass"] is NullPool
