"""Superset's settings: nobody waits for a MySQL that has gone for longer than for an answer; who is refused is said."""

import importlib
import json
import sys
from collections.abc import Callable
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


USERS = {
    "nobody": SimpleNamespace(is_anonymous=True),
    "viewer": SimpleNamespace(is_anonymous=False, username="viewer"),
}
SUBQUERY = {"message": "Error: Custom SQL fields cannot contain sub-queries."}
GONE = {"message": "Error: (2006, 'Server has gone away') SELECT secret"}


class Answer:
    """What Superset is about to answer; its body is read where it is JSON, and nowhere else."""

    def __init__(self, status: int, body: dict[str, str] | None = None) -> None:
        self.status_code, self.body, self.is_json = status, body, body is not None

    def get_data(self, as_text: bool) -> str:
        assert self.is_json and as_text
        return json.dumps(self.body)


def passes(config: ModuleType, user: object, path: str, answer: Answer) -> None:
    """The answer to that request passes what looks for refusals."""
    looks: list[Callable[[Answer], Answer]] = []
    request, g = SimpleNamespace(method="GET", path=path), SimpleNamespace(user=user)
    vars(config).update(request=request, g=g, get_remote_address=lambda: "192.0.2.7")
    config.log_refusals(SimpleNamespace(after_request=looks.append))
    assert looks[0](answer) is answer


@pytest.mark.parametrize(
    ("name", "path", "answer"),
    [
        ("nobody", "/api/v1/dashboard/insurance", Answer(401)),
        ("viewer", "/datasource/get/table/7/", Answer(403, {"errors": ""})),
        ("viewer", "/login/", Answer(429)),
        ("viewer", "/api/v1/dataset/7", Answer(404, {"message": "Not found"})),
        ("viewer", "/superset/dashboard/hidden/", Answer(404)),
        ("viewer", "/api/v1/chart/data", Answer(400, SUBQUERY)),
    ],
)
def test_a_refusal_is_said(
    config: ModuleType, caplog: pytest.LogCaptureFixture, name: str, path: str, answer: Answer
) -> None:
    passes(config, USERS[name], path, answer)
    assert caplog.messages == [f"refused ({answer.status_code}): 'GET {path}' by {name} from 192.0.2.7"]


@pytest.mark.parametrize(
    ("name", "path", "answer"),
    [
        ("viewer", "/api/v1/chart/data", Answer(200, SUBQUERY)),
        ("viewer", "/api/v1/chart/data", Answer(400, GONE)),
        ("viewer", "/api/v1/chart/data", Answer(400)),
        ("viewer", "/static/assets/old.js", Answer(404)),
        ("nobody", "/api/v1/guess", Answer(404, {"message": "Not found"})),
        ("nobody", "/superset/welcome/", Answer(302)),
    ],
)
def test_what_is_no_refusal_is_not_said(
    config: ModuleType, caplog: pytest.LogCaptureFixture, name: str, path: str, answer: Answer
) -> None:
    passes(config, USERS[name], path, answer)
    assert caplog.messages == []


@pytest.mark.parametrize(("path", "status"), [("/static/app.js", 200), ("/static/app.js", 404), ("/api/v1/me/", 200)])
def test_nobody_is_looked_up_who_is_not_refused(config: ModuleType, path: str, status: int) -> None:
    """That takes a connection to MySQL, which a page's files would each make."""
    passes(config, MagicMock(spec=[]), path, Answer(status))
