"""A loader's connection is kept between tasks while it lives, and never after a failure."""

import pytest

from millrace.settings import Settings
from spark.load import connection as loader
from spark.load.connection import kept_connection

SETTINGS = Settings()


class Connection:
    """One that remembers whether it was closed."""

    def __init__(self, *arguments: object) -> None:
        self.arguments, self.open = arguments, True

    def lives(self) -> bool:
        return self.open

    def close(self) -> None:
        self.open = False


@pytest.fixture(autouse=True)
def _no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loader, "loader_connection", Connection)
    monkeypatch.setattr(loader, "_kept", {})


def used(epoch: int = 1, settings: Settings = SETTINGS) -> Connection:
    with kept_connection(settings, "app", epoch) as connection:
        return connection


def test_one_that_lives_is_used_again() -> None:
    assert used() is used()


def test_one_that_died_is_opened_anew() -> None:
    first = used()
    first.open = False
    assert used() is not first


def test_a_failure_closes_it() -> None:
    with pytest.raises(ZeroDivisionError), kept_connection(SETTINGS, "app", 1) as first:
        raise ZeroDivisionError
    assert not first.open
    assert used() is not first


def test_another_epoch_or_server_has_its_own_and_ends_the_last() -> None:
    first = used()
    assert used(epoch=2).arguments[-1] == 2
    assert not first.open
    second = used(epoch=2)
    used(epoch=2, settings=SETTINGS.model_copy(update={"mysql_host": "elsewhere"}))
    assert not second.open
