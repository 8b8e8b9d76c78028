"""What the producers tell people, and that their account can write nothing else."""

from collections.abc import Callable

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from lab.observe.access import secret, settings
from millrace.settings import Settings
from sql.engine import connect
from sql.ledger.ledger import Ledger
from sql.notices import Notice, all_notices, report


def notice(name: str, message: str = "it waits", kind: str = "waits") -> Notice:
    return Notice("toy_draw", "landing", name, kind, message)


def test_a_place_tells_what_is_so_now(ledger: Ledger) -> None:
    with ledger.engine.begin() as connection:
        report(connection, "toy_draw", "landing", [notice("a"), notice("b")])
        report(connection, "toy_plan", "landing", [Notice("toy_plan", "landing", "a", "trouble", "wrong")])
        report(connection, "toy_draw", "landing", [notice("b", "it is a folder", "trouble")])
        assert [(each.feed, each.name, each.kind) for each in all_notices(connection)] == [
            ("toy_draw", "b", "trouble"),
            ("toy_plan", "a", "trouble"),
        ]
        report(connection, "toy_draw", "landing", [])
        assert [each.feed for each in all_notices(connection)] == ["toy_plan"]


@pytest.fixture
def producer(new_ledger: Callable[[], Ledger]) -> Settings:
    word = {"mysql_user": "producer", "mysql_password": secret("mysql_producer_password")}
    return Settings.model_validate(settings().model_dump() | word)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM insurance_rate LIMIT 1",
        "UPDATE pipeline_feed SET committed_load_id = 0 WHERE feed = 'none'",
        "DELETE FROM pipeline_event",
        "DELETE FROM pipeline_seal",
        "UPDATE pipeline_seal SET older_ends = '{}'",
        "INSERT INTO quarantine (source_id, row_no) VALUES (1, 1)",
        "DROP TABLE pipeline_request",
        "CREATE TABLE mine (x INT)",
    ],
)
def test_the_producers_account_may_not(producer: Settings, statement: str) -> None:
    engine = connect(producer)
    with pytest.raises(DBAPIError, match=r"1142|denied"), engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()
