"""A change of the schema may take an hour: rebuilding a large table is silent for longer than any query may be."""

from collections.abc import Callable

import pytest
from pydantic import SecretStr

from millrace.settings import Settings
from sql import engine, migrate
from sql.connection import READ_SECONDS

HOUR = 3600


class ReachedError(Exception):
    """The server would have been asked."""


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda settings: migrate.migrate(settings, {}), id="migrate"),
        pytest.param(lambda settings: migrate.forget(settings, "parcel"), id="forget"),
    ],
)
def test_a_statement_has_an_hour(monkeypatch: pytest.MonkeyPatch, change: Callable[[Settings], object]) -> None:
    asked = []

    def open_connection(*_positional: object, **named: object) -> None:
        asked.append(named["read_timeout"])
        raise ReachedError

    monkeypatch.setattr(engine, "LeanConnection", open_connection)
    with pytest.raises(ReachedError):
        change(Settings(mysql_user="migrate", mysql_password=SecretStr("word")))
    assert asked == [HOUR]
    assert HOUR > READ_SECONDS
