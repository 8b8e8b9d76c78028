"""What the ledger knows of a topic: its last records, its gaps, where it jumps, and that the topic is another one."""

import pytest

from lab.backup.scripts import nothing_unread
from millrace.errors import Refused
from millrace.record.mark import Mark
from millrace.settings import Settings
from spark.jobs.committed_loads import Ledger as ReadLedger
from sql.errors import CountMismatch
from sql.ledger.commit import LoadRead
from sql.ledger.counts import SourceRead
from sql.ledger.empty_feed import empty_ledger
from sql.ledger.jumps import Jump
from sql.ledger.ledger import Ledger
from sql.ledger.marks import PartitionRead
from sql.notices import all_notices
from tests.lab.ledger.scratch import NOON, TOPIC_UUID, Loader, Record, Scratch, later

FEED = "toy_draw"
ANOTHER = "anotheranotheranotherA"
JUMPS = "SELECT kafka_partition, kind, from_offset, to_offset, typed_from FROM pipeline_jump ORDER BY jump_id"


KEPT = "The topic toy_draw was made anew. What was loaded stays, and the new topic is read from its beginning"
FOUR_LOST = "4 records of the old one were not loaded, send them again"


def look(ledger: Ledger, end: int) -> None:
    """As the stream does every ten seconds."""
    ledger.record_sample(FEED, 0, 0.0)
    ledger.set_feed_state(FEED, "running", latest_offsets={0: end})


def load(ledger: Ledger, *reads: PartitionRead, uuid: str = TOPIC_UUID) -> None:
    """A load of those partitions, in which one source's records are all duplicates."""
    start = {read.partition: 0 for read in reads} | ledger.committed_offsets(FEED)
    end = start | {read.partition: start[read.partition] + read.read + read.gaps for read in reads}
    load_id = ledger.begin_load(FEED, uuid, start, end, "1")
    count = sum(read.read for read in reads)
    ledger.commit_load(load_id, LoadRead([SourceRead(1, count)] if count else [], partitions=reads))


def read_to(partition: int, count: int, last: int, gaps: int = 0) -> PartitionRead:
    return PartitionRead(partition, count, gaps, Mark(last, f"{last:016x}"))


def notices(scratch: Scratch) -> list[tuple[str, str, str, str]]:
    with scratch.engine.begin() as connection:
        return [(each.place, each.name, each.kind, each.message) for each in all_notices(connection)]


def test_offsets_without_a_record_count_as_gaps(loader: Loader, ledger: Ledger, scratch: Scratch) -> None:
    load(ledger, read_to(0, 5, 5, gaps=2), PartitionRead(1, 0, 3))
    assert ledger.committed_offsets(FEED) == {0: 7, 1: 3}
    query = "SELECT kafka_partition, read_count, gaps, last_offset FROM pipeline_load_partition ORDER BY 1"
    assert scratch.rows(query) == [(0, 5, 2, 5), (1, 0, 3, None)]
    assert scratch.one("SELECT read_count FROM pipeline_load") == 5


@pytest.mark.parametrize("read", [PartitionRead(0, 4), PartitionRead(0, 4, 2), PartitionRead(0, 5, 0)])
def test_a_record_that_was_not_read_is_found(loader: Loader, ledger: Ledger, read: PartitionRead) -> None:
    load_id = ledger.begin_load(FEED, TOPIC_UUID, {0: 0}, {0: 5}, "1")
    with pytest.raises(CountMismatch, match=r"its offsets hold \d; it is undone\.$"):
        ledger.commit_load(load_id, LoadRead([SourceRead(1, 4)], partitions=[read]))


def test_the_last_record_of_each_partition_is_known(loader: Loader, ledger: Ledger) -> None:
    for last in (4, 9, 14):
        load(ledger, read_to(0, 5, last), *([read_to(1, 2, 1)] if last == 4 else []))
    ends = ledger.committed_offsets(FEED)
    newest = ledger.newest_marks(FEED, TOPIC_UUID, ends)
    assert {partition: mark.offset for partition, mark in newest.items()} == {0: 14, 1: 1}
    assert [mark.offset for mark in ledger.known_marks(FEED, TOPIC_UUID, 0, ends[0])] == [4, 9, 14]
    assert ledger.newest_marks(FEED, ANOTHER, ends) == {}


def test_after_a_cut_the_lost_records_are_forgotten_and_what_is_read_again_counts(
    loader: Loader, ledger: Ledger, scratch: Scratch
) -> None:
    for last in (4, 9, 14):
        load(ledger, read_to(0, 5, last))
    ledger.jump(FEED, TOPIC_UUID, [Jump("cut", 0, 15, 10, typed_from=12)], "It was cut.")
    assert ledger.committed_offsets(FEED) == {0: 10}
    assert [mark.offset for mark in ledger.known_marks(FEED, TOPIC_UUID, 0, 10)] == [4, 9]
    load(ledger, read_to(0, 3, 12))
    assert [mark.offset for mark in ledger.known_marks(FEED, TOPIC_UUID, 0, 13)] == [4, 9, 12]
    assert scratch.rows(JUMPS) == [(0, "cut", 15, 10, 12)]
    assert ledger.typed_from(FEED, TOPIC_UUID) == ((0, 12),)
    assert notices(scratch) == [("topic", "cut", "tells", "It was cut.")]
    scratch.run("UPDATE pipeline_event SET at = NOW(3) - INTERVAL 25 HOUR")
    assert notices(scratch) == []


def test_dropped_records_are_trouble(loader: Loader, ledger: Ledger, scratch: Scratch) -> None:
    ledger.jump(FEED, TOPIC_UUID, [Jump("dropped", 0, 0, 8)], "It has dropped some.")
    load(ledger, read_to(0, 3, 10))
    assert ledger.committed_offsets(FEED) == {0: 11}
    assert notices(scratch) == [("topic", "dropped", "trouble", "It has dropped some.")]
    with pytest.raises(Refused, match="was deleted and made anew"):
        ledger.jump(FEED, ANOTHER, [Jump("dropped", 0, 11, 12)], "It is another one.")


@pytest.mark.parametrize("latest", [3, 7])
def test_a_topic_made_anew_is_gone_on_with_and_the_rows_stay(
    loader: Loader, ledger: Ledger, scratch: Scratch, latest: int
) -> None:
    records = [Record(1, row, {"city": "Lyon", "number": row}) for row in (1, 2, 3)]
    loader.load(FEED, records)
    look(ledger, latest)
    with pytest.raises(Refused, match=r"was deleted and made anew .*; the query starts again with the new one"):
        ledger.begin_load(FEED, ANOTHER, {0: 0}, {0: 1}, "1")
    for _ in range(2):
        assert ledger.open_feed(FEED, ANOTHER, "1") == {}
    load(ledger, read_to(0, 3, 2), uuid=ANOTHER)
    assert scratch.one("SELECT COUNT(*) FROM toy_draw") == 3
    assert scratch.rows("SELECT table_rows, loaded, duplicates FROM pipeline_feed WHERE feed = 'toy_draw'") == [
        (3, 3, 3)
    ]
    assert scratch.rows(JUMPS) == [(0, "renewed", 3, 0, None)]
    kind, rest = ("trouble", f"; {FOUR_LOST}.") if latest > 3 else ("tells", ".")
    assert notices(scratch) == [("topic", "renewed", kind, KEPT + rest)]


def test_who_reads_the_ledger_knows_the_topics_a_feed_has_gone_through(
    loader: Loader, ledger: Ledger, spark_account: Settings
) -> None:
    reading = ReadLedger(spark_account)
    assert reading.end(FEED) == (TOPIC_UUID, 0, 0, frozenset())
    load(ledger, read_to(0, 3, 2))
    ledger.open_feed(FEED, ANOTHER, "1")
    newest = ledger.begin_load(FEED, ANOTHER, {0: 0}, {0: 1}, "1")
    assert reading.end(FEED) == (ANOTHER, newest - 1, 0, frozenset({TOPIC_UUID}))
    empty_ledger(ledger.owned, FEED)
    ledger.open_feed(FEED, ANOTHER, "1")
    assert reading.end(FEED) == (ANOTHER, 0, 0, frozenset())


NOT_LOOKED_AT = {
    "it ran on": "UPDATE pipeline_sample, pipeline_app"
    " SET sampled_at = '2026-01-01 12:00:00', started_at = '2026-01-01 11:00:00'",
    "it was started since": "UPDATE pipeline_sample, pipeline_feed, pipeline_app"
    " SET sampled_at = '2026-01-01 12:00:00', pipeline_feed.updated_at = '2026-01-01 12:00:00.4',"
    " started_at = '2026-01-01 12:00:02'",
}


@pytest.mark.parametrize("latest", [3, 7])
@pytest.mark.parametrize("since", NOT_LOOKED_AT.values(), ids=NOT_LOOKED_AT)
def test_what_came_to_a_topic_since_it_was_looked_at_is_not_called_kept(
    loader: Loader, ledger: Ledger, scratch: Scratch, latest: int, since: str
) -> None:
    """The stream was down, or did not reach Kafka, while the topic got more records, or its machine was lost."""
    loader.load(FEED, [Record(1, row, {"city": "Lyon", "number": row}) for row in (1, 2, 3)])
    look(ledger, latest)
    scratch.run(since)
    ledger.open_feed(FEED, ANOTHER, "1")
    seen = "(it was looked at last at 2026-01-01 12:00:00 UTC)"
    maybe = f"the old one may have held records that nobody read {seen}, send again what is missing"
    lost = f"; {FOUR_LOST}; {maybe}." if latest > 3 else f"; {maybe}."
    assert notices(scratch) == [("topic", "renewed", "trouble", KEPT + lost)]


def test_a_topic_that_nobody_has_looked_at_is_not_called_kept(ledger: Ledger, scratch: Scratch) -> None:
    """Its namesake took its place before the next look; what was known of another topic says nothing of it."""
    ledger.open_feed(FEED, TOPIC_UUID, "1")
    look(ledger, 0)
    ledger.open_feed(FEED, ANOTHER, "1")
    ledger.open_feed(FEED, TOPIC_UUID, "1")
    maybe = "; the old one may have held records that nobody read, send again what is missing."
    assert notices(scratch) == [("topic", "renewed", "trouble", KEPT + maybe)]


def test_records_of_a_partition_that_was_never_read_count(ledger: Ledger, scratch: Scratch) -> None:
    ledger.open_feed(FEED, TOPIC_UUID, "1")
    look(ledger, 4)
    ledger.open_feed(FEED, ANOTHER, "1")
    assert notices(scratch) == [("topic", "renewed", "trouble", f"{KEPT}; {FOUR_LOST}.")]


def test_after_a_restore_nothing_is_missed(loader: Loader, ledger: Ledger, scratch: Scratch) -> None:
    """But of feeds that the backup had not whole."""
    loader.load(FEED, [Record(1, 1, {"city": "Lyon", "number": 1})])
    look(ledger, 9)
    scratch.run(nothing_unread(["toy_plan"]).replace("millrace.", ""))
    ledger.open_feed(FEED, ANOTHER, "1")
    assert notices(scratch) == [("topic", "renewed", "tells", f"{KEPT}.")]


def test_a_feed_that_has_failed_is_not_called_well_by_opening_it(ledger: Ledger, scratch: Scratch) -> None:
    query = "SELECT state, message FROM pipeline_feed WHERE feed = 'toy_draw'"
    ledger.open_feed(FEED, TOPIC_UUID, "1", "retrying", "Unknown column 'x'")
    assert scratch.rows(query) == [("retrying", "Unknown column 'x'")]
    ledger.open_feed(FEED, TOPIC_UUID, "1")
    assert scratch.rows(query) == [("starting", None)]


def test_a_feed_that_is_starting_over_is_not_opened(loader: Loader, ledger: Ledger, scratch: Scratch) -> None:
    scratch.run("UPDATE pipeline_feed SET topic_uuid = ''")
    with pytest.raises(Refused, match="is starting over; `make reset FEED=toy_draw` finishes it"):
        ledger.open_feed(FEED, ANOTHER, "1")


def test_when_typed_records_were_sent(loader: Loader, ledger: Ledger, scratch: Scratch) -> None:
    """One that an older release replayed has the time of that in the table; its own is in quarantine, which wins."""
    values = {"city": "Lyon", "number": 1}
    loader.load(FEED, [Record(8, 2, values), Record(8, 3, refused=True), Record(9, 3, values)])
    loader.load(FEED, [Record(8, 3, values, sent_at=later(5)), Record(8, 4, values, sent_at=later(6)), Record(7, 3)])
    found = ledger.typed_times(FEED, [8, 9], 3, 5)
    assert found == {(8, 3): NOON, (8, 4): later(6), (9, 3): NOON}


def test_a_topic_that_has_lost_a_partition_is_gone_on_with_in_the_others(loader: Loader, ledger: Ledger) -> None:
    load(ledger, read_to(0, 5, 4), read_to(1, 2, 1))
    with pytest.raises(Refused, match="partition 1 would start nowhere, but the ledger ends at 2"):
        ledger.begin_load(FEED, TOPIC_UUID, {0: 5}, {0: 7}, "1")
    ledger.jump(FEED, TOPIC_UUID, [Jump("cut", 1, 2, 0)], "It was set back to before it had a second partition.")
    load_id = ledger.begin_load(FEED, TOPIC_UUID, {0: 5}, {0: 7}, "1")
    ledger.commit_load(load_id, LoadRead([SourceRead(1, 2)], partitions=[read_to(0, 2, 6)]))
    assert ledger.committed_offsets(FEED) == {0: 7}
