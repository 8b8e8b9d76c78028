"""A feed whose contract cannot be read is named: it is not left out as if all were well."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, create_engine, text

from sql.verify import UNREADABLE, Comparison, verify

COLUMNS = "feed TEXT, version TEXT, contract TEXT, to_fill TEXT, state TEXT"


@pytest.fixture
def connection(monkeypatch: pytest.MonkeyPatch) -> Iterator[Connection]:
    """To a database that has nothing but the table of contracts."""
    monkeypatch.setattr(Connection, "execution_options", lambda self, **_options: self)
    with create_engine("sqlite://").connect() as connection:
        connection.execute(text(f"CREATE TABLE pipeline_contract ({COLUMNS})"))
        yield connection


@pytest.mark.parametrize(
    "document",
    [
        pytest.param('{"feed": "parcel", "of_a_later_release": true}', id="another release's"),
        pytest.param(None, id="none was written down"),
    ],
)
def test_a_contract_that_cannot_be_read_is_not_right(connection: Connection, document: str | None) -> None:
    row = {"feed": "parcel", "state": "in_use", "document": document}
    connection.execute(
        text("INSERT INTO pipeline_contract (feed, state, contract) VALUES (:feed, :state, :document)"), row
    )
    (found,) = verify(connection)
    assert found == Comparison("parcel", UNREADABLE, 0, 1)
    assert not found.right
