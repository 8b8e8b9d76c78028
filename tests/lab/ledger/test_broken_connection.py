"""A connection that broke is not used again: its next answer would be that to an earlier question."""

from typing import Any

import pytest
from mysql.connector.errors import OperationalError
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from instruments.tools import wait_until
from sql.engine import connect
from sql.ledger.ledger import Ledger
from tests.lab.ledger.scratch import TOPIC_UUID, Scratch, account


def next_answer_is_lost(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The idle connection, which will send its next question and fail to read the answer."""
    with ledger.engine.connect() as connection:
        idle: Any = connection.connection.dbapi_connection
    receive, failed = idle._socket.recv, []

    def fails_once(*arguments: Any) -> bytearray:
        if not failed:
            failed.append(True)
            raise OperationalError(errno=2055, values=("mysql:3306", "Broken pipe"))
        answer: bytearray = receive(*arguments)
        return answer

    monkeypatch.setattr(idle._socket, "recv", fails_once)
    return idle


@pytest.mark.parametrize("asks_for_the_mode", [True, False])
def test_its_answers_are_nobodys(ledger: Ledger, monkeypatch: pytest.MonkeyPatch, asks_for_the_mode: bool) -> None:
    ledger.open_feed("toy_draw", TOPIC_UUID, "1")
    broken = next_answer_is_lost(ledger, monkeypatch)
    if asks_for_the_mode:  # as a connection does before its first statement with parameters
        broken._sql_mode = None
    for _ in range(3):
        assert ledger.committed_offsets("toy_draw") == {}
    with ledger.engine.connect() as connection:
        assert connection.connection.dbapi_connection is not broken


def test_a_statement_that_takes_too_long_ends_on_the_server_too(scratch: Scratch) -> None:
    """Else it goes on, with its locks, while the next try waits for them."""
    running = "SELECT COUNT(*) FROM information_schema.processlist WHERE info = 'SELECT SLEEP(299)'"
    engine = connect(account("migrate"), read_seconds=1)
    with pytest.raises(DBAPIError), engine.begin() as connection:
        connection.execute(text("SELECT SLEEP(299)"))
    wait_until(lambda: scratch.one(running) == 0, "nothing goes on")
    engine.dispose()
