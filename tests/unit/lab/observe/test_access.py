"""Whatever the MySQL connector raises, a person reads one sentence; an answer of MySQL's is told as such."""

from pathlib import Path

import pytest
from mysql.connector import errors
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, ProgrammingError

from lab.observe import access, warehouse
from millrace.errors import Refused
from millrace.settings import Settings

DOWN = "MySQL does not answer at 127.0.0.1:3306: see `make status`, and start the lab with `make up`."


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings of a MySQL that accepts connections; what it then does is the test's choice."""
    monkeypatch.setattr(access, "answers", lambda *_: True)
    monkeypatch.setattr(warehouse, "connect", lambda _, **_more: create_engine("sqlite://"))
    return Settings()


@pytest.mark.parametrize(
    ("failure", "sentence"),
    [
        (DBAPIError("", None, errors.ConnectionTimeoutError("timed out")), DOWN),
        (InterfaceError("", None, errors.InterfaceError("lost")), DOWN),
        (OperationalError("", None, errors.OperationalError("gone away")), DOWN),
        (
            ProgrammingError("", None, errors.ProgrammingError("Failed processing pyformat-parameters; 2055: lost")),
            DOWN,
        ),
        (
            ProgrammingError("", None, errors.ProgrammingError("no such table", errno=1146)),
            "MySQL refused the query: 1146: no such table",
        ),
    ],
)
def test_every_failure_is_one_sentence(reader: Settings, failure: DBAPIError, sentence: str) -> None:
    with pytest.raises(Refused) as refused, warehouse.warehouse(reader):
        raise failure
    assert str(refused.value) == sentence


def test_a_connection_answers_queries(reader: Settings) -> None:
    with warehouse.warehouse(reader) as connection:
        assert connection.execute(text("SELECT 1")).scalar_one() == 1


def test_a_silent_address_is_refused_before_connecting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "answers", lambda *_: False)
    with pytest.raises(Refused) as refused, warehouse.warehouse(Settings()):
        pass
    assert str(refused.value) == DOWN


def test_a_lab_that_make_up_has_yet_to_give_a_password_is_told_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "secrets.yml").write_text("mysql_reader_password: word\n", encoding="utf-8")
    monkeypatch.setattr(access, "state_folder", lambda: tmp_path)
    monkeypatch.setattr(access, "is_host", lambda: True)
    with pytest.raises(Refused, match="has no kafka_reader_password: `make up` adds it"):
        access.settings()
