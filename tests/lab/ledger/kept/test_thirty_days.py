"""A feed that has loaded every minute for thirty days: its part of the ledger has an end, and says what it said."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from instruments.stream import check_chain
from millrace.settings import load_lab
from sql.ledger import rollup
from sql.ledger.ledger import Ledger
from sql.schema.feed_tables import fact_table
from sql.upkeep import folding, refusals
from sql.upkeep.tidy import tidy
from sql.verify import verify
from tests.lab.ledger.scratch import TOPIC_UUID, Loader, Scratch
from tests.lab.ledger.toy import DRAWS, TOYS

FEED = DRAWS.feed
DAYS, A_DAY = 30, 24 * 60
LOADS = DAYS * A_DAY
NUMBERS = f"WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < {LOADS})"
MOMENT = f"NOW(3) - INTERVAL {LOADS} - n.i MINUTE"
# Of each load a record of the simulator is a new row, one of a polled place was sent before, and one is refused, of a
# file that a device has dropped: a source of its own. Every tenth load goes on in partition 1 too. Each hour a refusal
# is long, and ten of each day were settled three days before it, as far as the upkeep can tell.
PLACE, PLACES, FILE, LONG = 1_000, 45, 1_000_000, 60_000
SETTLED, PER_DAY = f"n.i % {A_DAY} BETWEEN 100 AND 109", 10
IN_OTHER = "n.i DIV 10"
FILL = (
    f"INSERT INTO pipeline_load (load_id, app, epoch, feed, topic_uuid, start_offsets, end_offsets, contract_version,"
    " state, read_count, loaded, duplicates, quarantined, started_at, finished_at)"
    f" {NUMBERS} SELECT i, 'toy', 1, '{FEED}', '{TOPIC_UUID}',"
    " CONCAT('{\"0\": ', 3 * (i - 1), ', \"1\": ', (i - 1) DIV 10, '}'),"
    " CONCAT('{\"0\": ', 3 * i, ', \"1\": ', i DIV 10, '}'), 1, 'committed',"
    f" 3, 1, 1, 1, {MOMENT}, {MOMENT} FROM n",
    "INSERT INTO pipeline_load_partition (load_id, kafka_partition, feed, topic_uuid, read_count, last_offset,"
    f" last_digest) {NUMBERS} SELECT i, 0, '{FEED}', '{TOPIC_UUID}', 3, 3 * i - 1, LPAD(i, 16, '0') FROM n",
    "INSERT INTO pipeline_load_partition (load_id, kafka_partition, feed, topic_uuid, read_count, last_offset,"
    f" last_digest) {NUMBERS} SELECT i, 1, '{FEED}', '{TOPIC_UUID}', 1, {IN_OTHER} - 1, LPAD(i, 16, '1') FROM n"
    " WHERE i % 10 = 0",
    *(
        "INSERT INTO pipeline_load_source (load_id, source_id, origin, read_count, loaded, duplicates, quarantined)"
        f" {NUMBERS} SELECT i, {source} FROM n"
        for source in (
            "1, 'simulator', 1, 1, 0, 0",
            f"{PLACE} + i % {PLACES}, 'api', 1, 0, 1, 0",
            f"{FILE} + i, 'file', 1, 0, 0, 1",
        )
    ),
    "INSERT INTO pipeline_source (feed, source_id, origin, read_count, loaded, duplicates, quarantined, load_id)"
    f" SELECT '{FEED}', s.source_id, MIN(s.origin), SUM(s.read_count), SUM(s.loaded), SUM(s.duplicates),"
    " SUM(s.quarantined), MAX(s.load_id) FROM pipeline_load_source s GROUP BY s.source_id",
    "INSERT INTO quarantine (source_id, row_no, feed, load_id, topic, kafka_partition, kafka_offset, raw, reasons,"
    " quarantined_at, resolved_load_id, resolved_at)"
    f" {NUMBERS} SELECT {FILE} + i, 1, '{FEED}', i, '{FEED}', 0, 3 * i - 1,"
    f" REPEAT('x', IF(i % 60 = 0, {LONG}, 300)), '[]', {MOMENT}, IF({SETTLED}, i + 1, NULL),"
    f" IF({SETTLED}, {MOMENT} - INTERVAL 3 DAY, NULL) FROM n",
    f"INSERT INTO {FEED} (source_id, row_no, load_id, city, number, prize)"
    f" {NUMBERS} SELECT 1, i, i, CONCAT('C', i % 9), i % 100, 1.5 FROM n",
    f"UPDATE pipeline_feed SET committed_load_id = {LOADS}, table_rows = {LOADS}, read_count = {3 * LOADS},"
    f" loaded = {LOADS}, duplicates = {LOADS}, quarantined = {LOADS},"
    f" end_offsets = '{{\"0\": {3 * LOADS}, \"1\": {LOADS // 10}}}' WHERE feed = '{FEED}'",
)
TABLES = ("pipeline_load", "pipeline_load_partition", "pipeline_load_source", "pipeline_source", "quarantine")
KEPT_WHOLE = 100
"""Long refusals that the bound of this test has room for."""


@pytest.fixture
def month(loader: Loader, scratch: Scratch) -> Scratch:
    """The ledger after thirty days."""
    with scratch.engine.begin() as connection:
        connection.execute(text(f"SET SESSION cte_max_recursion_depth = {LOADS}"))
        for statement in FILL:
            connection.execute(text(statement.replace(":", "\\:")))
        rollup.add(connection, DRAWS, fact_table(DRAWS))
    return scratch


def counts(scratch: Scratch) -> dict[str, int]:
    return {table: scratch.one(f"SELECT COUNT(*) FROM {table}") for table in TABLES}


def test_thirty_days_of_loads_become_few_rows_that_say_the_same(month: Scratch, ledger: Ledger) -> None:
    assert counts(month) == {
        "pipeline_load": LOADS,
        "pipeline_load_partition": LOADS + LOADS // 10,
        "pipeline_load_source": 3 * LOADS,
        "pipeline_source": 1 + PLACES + LOADS,
        "quarantine": LOADS,
    }
    ends = ledger.committed_offsets(FEED)
    marks = ledger.newest_marks(FEED, TOPIC_UUID, ends)
    tidy(ledger.owned, FEED)

    single, days = folding.KEPT_DAYS * A_DAY, DAYS - folding.KEPT_DAYS + 1
    after = counts(month)
    assert single <= after["pipeline_load"] <= single + days
    assert after["pipeline_load_partition"] <= single + single // 10 + 2 * days
    assert after["pipeline_load_source"] <= 3 * single

    with month.engine.begin() as connection:
        loads = connection.execute(text(f"SELECT * FROM pipeline_load WHERE feed = '{FEED}' ORDER BY load_id"))
        check_chain([dict(row) for row in loads.mappings()], [])
    with month.engine.connect() as connection:
        checks = list(verify(connection, TOYS))
    assert [check for check in checks if not check.right] == []
    assert {check.what: check.rows for check in checks if check.feed == FEED}["facts"] == LOADS
    assert month.one("SELECT SUM(loads) FROM pipeline_load") == LOADS
    assert ledger.committed_offsets(FEED) == ends
    assert ledger.newest_marks(FEED, TOPIC_UUID, ends) == marks
    first = month.one("SELECT MIN(started_at) FROM pipeline_load")
    assert month.one("SELECT MAX(finished_at) FROM pipeline_load") - first == timedelta(minutes=LOADS - 1)

    begun = ledger.begin_load(FEED, TOPIC_UUID, ends, {0: ends[0] + 1, 1: ends[1]}, "1")
    assert begun == LOADS + 1
    assert ledger.undo_pending(FEED) == [begun]


def test_sources_and_refusals_of_thirty_days(month: Scratch, ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    room = (KEPT_WHOLE + 0.5) * LONG / load_lab().machines["mysql"].share_of_disk(1)
    monkeypatch.setattr(refusals, "SHARE", room)
    tidy(ledger.owned, FEED)
    after = counts(month)
    assert after["pipeline_source"] == 1 + PLACES + LOADS, "sources are kept for good"
    assert after["quarantine"] == LOADS - 3 * PER_DAY, "those leave that were settled more than thirty days ago"
    whole = f"SELECT COUNT(*), MIN(load_id) FROM quarantine WHERE raw_length = {LONG}"
    assert month.rows(whole) == [(KEPT_WHOLE, LOADS - 60 * (KEPT_WHOLE - 1))], "the newest are whole"
    cut = f"SELECT COUNT(*) FROM quarantine WHERE cut_from = {LONG} AND raw_length = {refusals.KEPT_BYTES}"
    assert month.one(cut) == LOADS // 60 - KEPT_WHOLE
    sums = "SELECT SUM(read_count), SUM(loaded), SUM(duplicates), SUM(quarantined) FROM pipeline_source"
    assert month.rows(sums) == [(3 * LOADS, LOADS, LOADS, LOADS)]
