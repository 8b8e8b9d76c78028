"""What has happened to the lab: noted once where it is noticed, summed up where it is many, gone after 30 days."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from lab.observe.events import Happened, read_events
from millrace.settings import Settings
from sql import contracts_in_use, events, requests
from sql.engine import connect
from sql.events import LabEvent
from sql.evolve.evolve import evolve
from sql.ledger.commit import LoadRead
from sql.ledger.counts import SourceRead
from sql.ledger.jumps import Jump
from sql.ledger.ledger import Ledger
from sql.ledger.replace import Replacement
from sql.migrate import migrate
from sql.notices import all_notices
from tests.lab.ledger.commit.test_ledger_commit import draw
from tests.lab.ledger.scratch import TOPIC_UUID, Loader, Record, Scratch, account, later
from tests.lab.ledger.toy import TOYS

FEED, OTHER = "toy_draw", "toy_plan"
ALL = "SELECT kind, feed, records FROM pipeline_event ORDER BY event_id"


def kinds(scratch: Scratch, feed: str = FEED) -> list[str]:
    return [row[0] for row in scratch.rows(f"SELECT kind FROM pipeline_event WHERE feed = '{feed}' ORDER BY event_id")]


def test_a_new_owner_is_an_event(ledger: Ledger, scratch: Scratch) -> None:
    ((kind, feed, message),) = scratch.rows("SELECT kind, feed, message FROM pipeline_event")
    assert (kind, feed) == ("started", None)
    assert message == f"toy has started as epoch {ledger.epoch}, {ledger.owner}."


def test_a_state_is_news_once(loader: Loader, ledger: Ledger, scratch: Scratch) -> None:
    for _ in range(2):
        ledger.set_feed_state(FEED, "starting")
        ledger.set_feed_state(FEED, "running")
        ledger.set_feed_state(FEED, "running", latest_offsets={0: 5})
    for seconds in (16, 21):
        ledger.set_feed_state(FEED, "waiting", f"{seconds} records wait")
    ledger.set_feed_state(FEED, "waiting", "another reason")
    ledger.set_feed_state(OTHER, "running")
    for port in (4001, 4002):
        ledger.set_feed_state(FEED, "retrying", f"Kafka at kafka:{port} does not answer")
    ledger.set_feed_state(FEED, "retrying", "MySQL is full")
    ledger.set_feed_state(FEED, "running")
    assert kinds(scratch) == ["running", "waiting", "retrying", "retrying", "running"]
    assert kinds(scratch, OTHER) == ["running"]


def test_refusals_are_summed_up_and_replacements_told(loader: Loader, scratch: Scratch) -> None:
    loader.load(FEED, [draw(1, "Lyon", 3, "1"), Record(1, 2, refused=True), Record(1, 3, refused=True)])
    loader.load(FEED, [Record(1, 4, refused=True)])
    assert scratch.rows(ALL)[1:] == [("refused", FEED, 3)]
    scratch.run("UPDATE pipeline_event SET at = at - INTERVAL 61 MINUTE")
    loader.load(FEED, [Record(1, 5, refused=True), Record(1, 6, refused=True)])
    loader.load(FEED, [draw(1, "Nice", 3, "1", source=2)], Replacement(1, 2, later(1)))
    assert scratch.rows(ALL)[1:] == [("refused", FEED, 3), ("refused", FEED, 2), ("replaced", FEED, 1)]


def test_a_load_that_is_not_committed_leaves_no_event(loader: Loader, scratch: Scratch) -> None:
    records = [Record(1, 2, refused=True)]
    load_id = loader.begin(FEED, 1)
    loader.write(load_id, FEED, records)
    loader.ledger.at = lambda name: (_ for _ in ()).throw(KeyboardInterrupt)
    with pytest.raises(KeyboardInterrupt):
        loader.commit(load_id, records)
    assert kinds(scratch) == []


def test_what_has_happened_to_a_topic_is_told_for_a_day_until_the_feed_is_reset(
    loader: Loader, ledger: Ledger, scratch: Scratch
) -> None:
    def notices() -> list[tuple[str, str, str]]:
        with ledger.engine.begin() as connection:
            return [(each.name, each.kind, each.message) for each in all_notices(connection)]

    for number in (1, 2):
        ledger.jump(FEED, TOPIC_UUID, [Jump("dropped", 0, number - 1, number)], f"Loss {number}.")
    assert notices() == [("dropped", "trouble", "Loss 2.")]
    ledger.note(LabEvent("reset", "It starts over.", FEED))
    assert notices() == []
    assert kinds(scratch) == ["dropped", "dropped", "reset"], "what was is kept"
    ledger.jump(FEED, TOPIC_UUID, [Jump("cut", 0, 2, 1)], "A cut.")
    assert notices() == [("cut", "tells", "A cut.")]
    scratch.run("UPDATE pipeline_event SET at = at - INTERVAL 25 HOUR")
    assert notices() == []


def test_a_changed_contract_is_an_event(scratch: Scratch, migrated: Settings) -> None:
    engine, wanted = connect(migrated), TOYS[FEED].model_copy(update={"description": "Draws of two lotteries"})
    evolve(engine, {FEED: wanted})
    evolve(engine, {FEED: wanted})
    assert scratch.rows("SELECT kind, feed, message FROM pipeline_event") == [
        ("contract", FEED, f"contract {wanted.version}; toy_draw altered.")
    ]
    evolve(engine, TOYS)
    with engine.begin() as connection:
        assert contracts_in_use.read(connection)[FEED].version == TOYS[FEED].version
        assert requests.read(connection).resets == {}
    engine.dispose()


def test_a_restart_of_mysql_is_told_from_a_lost_connection(ledger: Ledger, scratch: Scratch) -> None:
    scratch.kill_all_of("spark")
    ledger.renew_lease()
    assert [row[0] for row in scratch.rows(ALL)] == ["started", "back"]
    server = ledger._lease._server
    assert server is not None
    ledger._lease._server = server - timedelta(hours=1)
    scratch.kill_all_of("spark")
    ledger.renew_lease()
    assert [row[0] for row in scratch.rows(ALL)] == ["started", "back", "restarted"]


def test_records_ahead_of_the_clock_are_summed_up_and_told(loader: Loader, ledger: Ledger, scratch: Scratch) -> None:
    records = [draw(1, "Lyon", number, "1") for number in (1, 2)]
    for ahead, record in enumerate(records, start=2):
        load_id = loader.begin(FEED, 1)
        loader.write(load_id, FEED, [record])
        ledger.commit_load(load_id, LoadRead([SourceRead(1, 1, ahead=ahead)]))
    assert scratch.rows(ALL)[1:] == [("ahead", FEED, 5)]
    with scratch.engine.connect() as connection:
        assert [(each.place, each.name, each.kind) for each in all_notices(connection)] == [("topic", "ahead", "tells")]


def test_old_events_leave_piece_by_piece(ledger: Ledger, scratch: Scratch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "PIECE", 2)
    for number in range(5):
        ledger.note(LabEvent("migrated", str(number)))
    scratch.run("UPDATE pipeline_event SET at = NOW(3) - INTERVAL 31 DAY WHERE message <> '4'")
    assert [ledger.prune_events() for _ in range(4)] == [2, 2, 1, 0]
    assert scratch.rows("SELECT message FROM pipeline_event") == [("4",)]
    monkeypatch.setattr(events, "MOST_EVENTS", 2)
    for number in range(5, 9):
        ledger.note(LabEvent("migrated", str(number)))
    while ledger.prune_events():
        pass
    assert scratch.rows("SELECT message FROM pipeline_event ORDER BY event_id") == [("7",), ("8",)]


def test_the_reader_sees_the_newest_first(ledger: Ledger, scratch: Scratch) -> None:
    ledger.note(LabEvent("cut", "A cut.", FEED, is_trouble=True))
    ledger.note(LabEvent("refused", "Some.", OTHER, 7))
    engine, past = connect(account("reader")), datetime(1970, 1, 1)
    with engine.connect() as connection:
        found = read_events(connection, None, past, 2)
        assert [(one.kind, one.feed, one.severity, one.records) for one in found] == [
            ("refused", OTHER, "tells", 7),
            ("cut", FEED, "trouble", None),
        ]
        assert [one.kind for one in read_events(connection, FEED, past, 9)] == ["cut"]
        assert read_events(connection, None, datetime.now(UTC).replace(tzinfo=None) + timedelta(days=1), 9) == []
        assert isinstance(found[0], Happened)
    engine.dispose()


def test_what_was_told_of_topics_before_becomes_events(
    scratch: Scratch, migrated: Settings, new_ledger: Callable[[], Ledger]
) -> None:
    values = "('toy_draw', 'topic', 'cut', 'tells', 'A cut.', '2026-11-01')"
    values += ", ('toy_draw', 'landing', 'a', 'waits', 'x', NOW())"
    scratch.run(f"INSERT INTO pipeline_notice (feed, place, name, kind, message, told_at) VALUES {values}")
    with scratch.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0110'"))
    applied = migrate(migrated, TOYS).applied
    assert applied[0] == "0120"
    assert scratch.rows("SELECT place FROM pipeline_notice") == [("landing",)]
    assert scratch.rows("SELECT kind, message FROM pipeline_event ORDER BY event_id") == [
        ("cut", "A cut."),
        ("migrated", f"The schema went from 0110 to {applied[-1]}."),
    ]
