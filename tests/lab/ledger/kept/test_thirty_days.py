"""A feed that has loaded every minute for thirty days: its part of the ledger has an end, and says what it said."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from instruments.stream import check_chain
from sql.ledger import rollup
from sql.ledger.ledger import Ledger
from sql.schema.feed_tables import fact_table
from sql.upkeep import folding
from sql.upkeep.tidy import tidy
from sql.verify import verify
from tests.lab.ledger.scratch import TOPIC_UUID, Loader, Scratch
from tests.lab.ledger.toy import DRAWS, TOYS

FEED = DRAWS.feed
DAYS, A_DAY = 30, 24 * 60
LOADS = DAYS * A_DAY
NUMBERS = f"WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < {LOADS})"
MOMENT = f"NOW(3) - INTERVAL {LOADS} - n.i MINUTE"
# Of each load one record is a new row, one was sent before, one is refused; every tenth goes on in partition 1 too.
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
    "INSERT INTO pipeline_load_source (load_id, source_id, origin, read_count, loaded, duplicates, quarantined)"
    f" {NUMBERS} SELECT i, 1, 'simulator', 3, 1, 1, 1 FROM n",
    f"INSERT INTO {FEED} (source_id, row_no, load_id, city, number, prize)"
    f" {NUMBERS} SELECT 1, i, i, CONCAT('C', i % 9), i % 100, 1.5 FROM n",
    f"UPDATE pipeline_feed SET committed_load_id = {LOADS}, table_rows = {LOADS}, read_count = {3 * LOADS},"
    f" loaded = {LOADS}, duplicates = {LOADS}, quarantined = {LOADS},"
    f" end_offsets = '{{\"0\": {3 * LOADS}, \"1\": {LOADS // 10}}}' WHERE feed = '{FEED}'",
)
TABLES = ("pipeline_load", "pipeline_load_partition", "pipeline_load_source")


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
        "pipeline_load_source": LOADS,
    }
    ends = ledger.committed_offsets(FEED)
    marks = ledger.newest_marks(FEED, TOPIC_UUID, ends)
    tidy(ledger.owned, FEED)

    single, days = folding.KEPT_DAYS * A_DAY, DAYS - folding.KEPT_DAYS + 1
    after = counts(month)
    assert single <= after["pipeline_load"] <= single + days
    assert after["pipeline_load_partition"] <= single + single // 10 + 2 * days
    assert after["pipeline_load_source"] <= single

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
