"""Where records end that need no seal is said once, and a lab that has read nothing needs nobody to say it."""

from sqlalchemy import text

from millrace.settings import Settings
from sql.ledger.ledger import Ledger
from sql.migrate import migrate
from sql.seals import require, required_since
from tests.lab.ledger.scratch import Loader, Scratch
from tests.lab.ledger.toy import TOYS

SAID = "SELECT lab, older_ends FROM pipeline_seal"


def test_what_was_said_first_stays(ledger: Ledger) -> None:
    assert ledger.older_ends("one") is None
    with ledger.engine.begin() as connection:
        assert required_since(connection) is None
        require(connection, {"one": {0: 5, 11: 7}, "two": {}})
        first = required_since(connection)
        require(connection, {"one": {0: 6}, "three": {0: 1}})
        assert first == required_since(connection) is not None
    assert sorted(ledger.older_ends("one") or ()) == [(0, 5), (11, 7)]
    assert ledger.older_ends("two") == ledger.older_ends("three") == ()


def migrated_again(scratch: Scratch, migrated: Settings) -> list[tuple[object, ...]]:
    with scratch.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0140'"))
    assert migrate(migrated, TOYS).applied[0] == "0150"
    return scratch.rows(SAID)


def test_a_lab_without_records_needs_seals_from_the_first_on(scratch: Scratch, migrated: Settings) -> None:
    assert migrated_again(scratch, migrated) == [(1, "{}")]
    assert migrated_again(scratch, migrated) == [(1, "{}")]


def test_a_lab_of_an_older_release_waits_until_it_is_said(scratch: Scratch, migrated: Settings, loader: Loader) -> None:
    assert migrated_again(scratch, migrated) == []
    assert loader.ledger.older_ends("one") is None
