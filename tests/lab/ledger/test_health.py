"""What `make status`, `make doctor` and the metrics read of the ledger, as the read-only account."""

from collections.abc import Callable
from unittest.mock import Mock

import pytest

from lab.doctor import pipeline_probes, service_probes
from lab.doctor.examination import Evidence
from lab.observe.ledger import Counts, has_all_of, newest_row
from lab.observe.status import read_ledger
from millrace.contract.contract import all_contracts
from millrace.errors import Refused
from sql.migrate import revisions
from tests.lab.ledger.commit.test_ledger_commit import draw
from tests.lab.ledger.scratch import Loader, Record, Scratch, account
from tests.lab.ledger.toy import TOYS

FEED = "toy_draw"


@pytest.fixture
def evidence() -> Evidence:
    """The scratch database's, of a lab that has no feed on but those that a test names."""
    return Evidence(Mock(return_value=Mock(feeds=())), lambda: account("reader"), Mock(), Mock())


def test_counts_and_epoch_of_the_ledger(loader: Loader) -> None:
    records = [draw(1, "Lyon", 3, "1"), Record(1, 2, refused=True)]
    loader.load(FEED, records)
    loader.load(FEED, records)
    found = read_ledger(account("reader"))
    assert (found.why, found.epoch) == ("", loader.ledger.epoch)
    assert found.health[FEED].counts == Counts(read=4, loaded=1, updated=0, duplicates=2, quarantined=1)


def test_an_empty_ledger_has_no_epoch(scratch: Scratch) -> None:
    found = read_ledger(account("reader"))
    assert (found.why, found.epoch, found.health) == ("", None, {})


def has_all(loader: Loader, feed: str, records: int) -> bool:
    with loader.ledger.engine.connect() as connection:
        return has_all_of(connection, TOYS[feed], 1, records)


def test_whether_all_of_a_source_has_come(loader: Loader) -> None:
    """In the table or open in quarantine; what was read twice, and what another source brought, does not count."""
    first = draw(1, "Lyon", 3, "1")
    loader.load(FEED, [first, first, draw(2, "Paris", 4, "1", source=2)])
    assert (has_all(loader, FEED, 1), has_all(loader, FEED, 2)) == (True, False)
    loader.load(FEED, [Record(1, 2, refused=True)])
    assert (has_all(loader, FEED, 2), has_all(loader, FEED, 3)) == (True, False)
    load_id = loader.begin(FEED, 1)
    loader.write(load_id, FEED, [draw(3, "Nice", 5, "1")])
    assert not has_all(loader, FEED, 3), "what is not committed may be undone"


def test_whether_all_of_an_upsert_feeds_source_has_come(loader: Loader) -> None:
    """One of two records of a key is in no table, and was read."""
    values = {"plan": "a", "changed_on": "2026-01-01"}
    loader.load("toy_plan", [Record(1, 1, values), Record(1, 2, values)])
    assert (has_all(loader, "toy_plan", 2), has_all(loader, "toy_plan", 3)) == (True, False)


def test_the_last_record_of_a_source_is_known(loader: Loader) -> None:
    loader.load(FEED, [draw(4, "Lyon", 3, "1"), draw(2, "Lyon", 3, "1"), draw(9, "Paris", 4, "1", source=2)])
    with loader.ledger.engine.connect() as connection:
        assert [newest_row(connection, TOYS[FEED], source) for source in (1, 2, 3)] == [4, 9, 0]


def test_a_load_that_hangs_is_named(loader: Loader, scratch: Scratch, evidence: Evidence) -> None:
    load_id = loader.begin(FEED, 1)
    assert list(pipeline_probes.loads_that_hang(evidence)) == []
    scratch.run("UPDATE pipeline_load SET started_at = started_at - INTERVAL 2 HOUR")
    (sentence,) = pipeline_probes.loads_that_hang(evidence)
    assert sentence.startswith(f"load {load_id} of toy_draw has been pending for 7,20")


def test_what_was_refused_lately_is_counted(loader: Loader, scratch: Scratch, evidence: Evidence) -> None:
    loader.load(FEED, [Record(1, 2, refused=True), Record(1, 3, refused=True)])
    assert list(pipeline_probes.growing_quarantine(evidence)) == [], "long ago"
    scratch.run("UPDATE quarantine SET quarantined_at = NOW(3)")
    assert list(pipeline_probes.growing_quarantine(evidence)) == [
        "2 records of toy_draw were refused within the last hour"
    ]


def test_tables_fit_the_contracts_of_this_release(scratch: Scratch, evidence: Evidence) -> None:
    feeds = sorted(all_contracts())
    evidence.lab().feeds = tuple(feeds)  # type: ignore[misc]
    assert list(pipeline_probes.contracts_that_differ(evidence)) == []
    scratch.run("UPDATE pipeline_contract SET version = 'another' WHERE feed = 'sales'")
    scratch.run("UPDATE pipeline_contract SET state = 'paused' WHERE feed = 'weather'")
    try:
        assert list(pipeline_probes.contracts_that_differ(evidence)) == [
            "the tables of sales were made from another contract",
            "the tables of weather are being changed",
        ]
    finally:
        version = all_contracts()["sales"].version
        scratch.run(f"UPDATE pipeline_contract SET version = '{version}' WHERE feed = 'sales'")
        scratch.run("UPDATE pipeline_contract SET state = 'in_use' WHERE feed = 'weather'")


def test_the_schema_is_this_releases(scratch: Scratch, evidence: Evidence) -> None:
    assert list(service_probes.schema_that_is_behind(evidence)) == []
    newest = revisions()[-1]
    scratch.run("UPDATE alembic_version SET version_num = '0110'")
    try:
        assert list(service_probes.schema_that_is_behind(evidence)) == [
            f"the schema is at 0110, this release's is {newest}"
        ]
    finally:
        scratch.run(f"UPDATE alembic_version SET version_num = '{newest}'")


def test_files_are_taken_or_not(scratch: Scratch, evidence: Evidence) -> None:
    assert list(service_probes.files_that_mysql_refuses(evidence)) == []


@pytest.mark.parametrize(
    "probe", [pipeline_probes.loads_that_hang, pipeline_probes.growing_quarantine, service_probes.schema_that_is_behind]
)
def test_where_mysql_is_silent_each_says_so(probe: Callable[[Evidence], object]) -> None:
    away = account("reader").model_copy(update={"mysql_port": 1})
    with pytest.raises(Refused, match="MySQL does not answer at"):
        list(probe(Evidence(Mock(), lambda: away, Mock(), Mock())))  # type: ignore[call-overload]
