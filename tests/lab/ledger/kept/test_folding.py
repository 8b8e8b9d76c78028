"""Loads that are folded: the ledger says the same of them, in few rows."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from sqlalchemy import text

from instruments.stream import check_chain
from millrace.record.mark import Mark
from spark.jobs.committed_loads import CommittedLoad
from spark.jobs.committed_loads import Ledger as ReadLedger
from sql.ledger.commit import LoadRead
from sql.ledger.counts import SourceRead
from sql.ledger.jumps import Jump
from sql.ledger.ledger import Ledger
from sql.ledger.marks import PartitionRead
from sql.upkeep import folding
from sql.upkeep.tidy import tidy
from sql.verify import verify
from tests.lab.ledger.scratch import TOPIC_UUID, Loader, Record, Scratch
from tests.lab.ledger.toy import TOYS

FEED = "toy_draw"
LOADS = "SELECT load_id, first_load_id, loads, read_count, loaded, quarantined FROM pipeline_load ORDER BY load_id"


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is done must not depend on where a piece ends."""
    monkeypatch.setattr(folding, "PIECE", 3)


def load(ledger: Ledger, partitions: dict[int, int], number: int) -> int:
    """A load of so many records of each partition, all of one source; its number."""
    start = dict.fromkeys(partitions, 0) | ledger.committed_offsets(FEED)
    end = start | {partition: start[partition] + count for partition, count in partitions.items()}
    load_id = ledger.begin_load(FEED, TOPIC_UUID, start, end, "1")
    reads = [
        PartitionRead(part, count, last=Mark(end[part] - 1, f"{number:08x}{part:08x}"))
        for part, count in partitions.items()
        if count
    ]
    ledger.commit_load(load_id, LoadRead([SourceRead(number, sum(partitions.values()))], partitions=reads))
    return load_id


def on_day(scratch: Scratch, days_ago: int, *loads: int) -> None:
    """They were committed so many days ago, at noon."""
    moment = f"CURRENT_DATE - INTERVAL {days_ago} DAY + INTERVAL 12 HOUR"
    ids = ", ".join(map(str, loads))
    scratch.run(f"UPDATE pipeline_load SET started_at = {moment}, finished_at = {moment} WHERE load_id IN ({ids})")


def states(scratch: Scratch) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    with scratch.engine.begin() as connection:
        asked = (
            text(f"SELECT * FROM {table} WHERE feed = '{FEED}' ORDER BY {key}")
            for table, key in (("pipeline_load", "load_id"), ("pipeline_jump", "jump_id"))
        )
        loads, jumps = ([dict(row) for row in connection.execute(each).mappings()] for each in asked)
    return [each for each in loads if each["state"] == "committed"], jumps


@pytest.fixture
def folded(loader: Loader, ledger: Ledger, scratch: Scratch) -> Iterator[list[int]]:
    """Two old days with several loads each, one of them cut, and today's; the numbers of the loads."""
    first = [load(ledger, {0: 3, 1: number % 2}, number) for number in range(1, 6)]
    ledger.jump(FEED, TOPIC_UUID, [Jump("cut", 0, 15, 9)], "it was cut")
    second = [load(ledger, {0: 4, 1: 0}, number) for number in range(6, 8)]
    ledger.jump(FEED, TOPIC_UUID, [Jump("dropped", 1, 3, 5)], "it has dropped some")
    second += [load(ledger, {0: 2, 1: 1}, number) for number in range(8, 10)]
    today = [load(ledger, {0: 1, 1: 1}, number) for number in range(10, 13)]
    on_day(scratch, 12, *first)
    on_day(scratch, 11, *second)
    tidy(ledger.owned, FEED)
    yield [*first, *second, *today]


def test_old_loads_become_one_row_a_day(folded: list[int], scratch: Scratch) -> None:
    first, second, today = folded[4], folded[8], folded[9:]
    assert scratch.rows(LOADS) == [
        (first, folded[0], 5, 18, 0, 0),
        (second, folded[5], 4, 14, 0, 0),
        *((load_id, None, 1, 2, 0, 0) for load_id in today),
    ]
    assert scratch.one("SELECT COUNT(*) FROM pipeline_load_source") == len(today)
    assert scratch.rows("SELECT load_id FROM v_load ORDER BY load_id") == [(load_id,) for load_id in today]


def test_folding_again_changes_nothing(folded: list[int], ledger: Ledger, scratch: Scratch) -> None:
    before = scratch.rows("SELECT * FROM pipeline_load"), scratch.rows("SELECT * FROM pipeline_load_partition")
    tidy(ledger.owned, FEED)
    after = scratch.rows("SELECT * FROM pipeline_load"), scratch.rows("SELECT * FROM pipeline_load_partition")
    assert after == before


def test_folded_loads_follow_each_other(folded: list[int], scratch: Scratch) -> None:
    check_chain(*states(scratch))


def test_the_newest_mark_of_each_day_and_partition_stays(folded: list[int], ledger: Ledger) -> None:
    ends = ledger.committed_offsets(FEED)
    newest = ledger.newest_marks(FEED, TOPIC_UUID, ends)
    assert {part: mark.digest for part, mark in newest.items()} == {0: "0000000c00000000", 1: "0000000c00000001"}
    # The first day ended with record 14, which the cut has taken: another was read there since.
    known = ledger.known_marks(FEED, TOPIC_UUID, 0, ends[0])
    assert [mark.offset for mark in known] == [20, 21, 22, 23]
    in_other = [mark.offset for mark in ledger.known_marks(FEED, TOPIC_UUID, 1, ends[1])]
    assert in_other == [2, 6, 7, 8, 9]


def test_partitions_keep_their_sums(folded: list[int], scratch: Scratch) -> None:
    sums = "SELECT kafka_partition, SUM(read_count) FROM pipeline_load_partition GROUP BY 1 ORDER BY 1"
    assert scratch.rows(sums) == [(0, 15 + 8 + 4 + 3), (1, 3 + 2 + 3)]


def test_facts_rollups_and_ledger_still_agree(loader: Loader, ledger: Ledger, scratch: Scratch) -> None:
    ids = []
    for number in range(1, 6):
        records = [Record(1, 10 * number + row, {"number": row, "prize": "1.5"}, refused=row == 0) for row in range(4)]
        ids.append(loader.load(FEED, records).load_id)
    on_day(scratch, 9, *ids[:4])
    tidy(ledger.owned, FEED)
    assert scratch.rows(LOADS)[0] == (ids[3], ids[0], 4, 16, 12, 4)
    with scratch.engine.connect() as connection:
        assert [check for check in verify(connection, TOYS) if not check.right] == []
    assert scratch.one("SELECT COUNT(*) FROM toy_draw") == 15


def test_a_feed_that_stands_still_keeps_its_newest_load(loader: Loader, ledger: Ledger, scratch: Scratch) -> None:
    ids = [load(ledger, {0: 1}, number) for number in range(1, 5)]
    on_day(scratch, 40, *ids)
    tidy(ledger.owned, FEED)
    assert [row[:3] for row in scratch.rows(LOADS)] == [(ids[2], ids[0], 3), (ids[3], None, 1)]
    assert scratch.one(f"SELECT last_load_at IS NOT NULL FROM v_feed_health WHERE feed = '{FEED}'") == 1


def test_a_busy_feed_keeps_so_many_loads(loader: Loader, ledger: Ledger, scratch: Scratch) -> None:
    ids = [load(ledger, {0: 1}, number) for number in range(1, 9)]
    fold: Any = partial(folding.fold_piece, feed=FEED, kept=3)
    after = 0
    while after is not None:
        after = ledger.owned(lambda connection, behind=after: fold(connection, after=behind))
    kept = [row[:3] for row in scratch.rows(LOADS)]
    assert kept == [(ids[4], ids[0], 5), *((load_id, None, 1) for load_id in ids[5:])]


def test_undone_loads_are_forgotten_and_pending_ones_stay(loader: Loader, ledger: Ledger, scratch: Scratch) -> None:
    undone = loader.begin(FEED, 1)
    ledger.undo_pending(FEED)
    recent = loader.begin(FEED, 1)
    ledger.undo_pending(FEED)
    pending = loader.begin(FEED, 1)
    on_day(scratch, 9, undone)
    tidy(ledger.owned, FEED)
    assert [row[0] for row in scratch.rows(LOADS)] == [recent, pending]


def test_the_lake_goes_on_in_the_midst_of_what_was_folded(
    loader: Loader, ledger: Ledger, scratch: Scratch, spark_account: Any
) -> None:
    ids = [loader.load(FEED, [Record(1, number, {"number": number})]).load_id for number in range(1, 6)]
    on_day(scratch, 9, *ids[:4])
    tidy(ledger.owned, FEED)
    day = scratch.one(f"SELECT DATE(finished_at) FROM pipeline_load WHERE load_id = {ids[3]}")
    today = scratch.one("SELECT CURRENT_DATE")
    asked = ReadLedger(spark_account)
    newest = CommittedLoad(ids[4], today, 1, ids[4])
    assert asked.loads(FEED, 0, ids[4]) == [CommittedLoad(ids[3], day, 4, ids[0]), newest]
    assert asked.loads(FEED, ids[1], ids[4]) == [CommittedLoad(ids[3], day, 2, ids[1] + 1), newest]
    assert asked.loads(FEED, ids[3], ids[4]) == [newest]
