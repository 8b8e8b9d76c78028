"""Who may load: epochs, leases, zombies, and what a new owner undoes."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Semaphore, Thread

import pytest
from sqlalchemy.exc import DBAPIError

from instruments.tools import wait_until
from millrace.errors import Refused
from millrace.settings import Settings
from sql.connection import loader_connection
from sql.errors import LostEpoch, ZombieLoad
from sql.ledger.ledger import Ledger
from sql.ledger.load_guard import await_load, hold_load
from tests.lab.ledger.scratch import TOPIC_UUID, Loader, Record, Scratch, is_waiting_for_a_row

NewLedger = Callable[[], Ledger]
SECONDS = 30
DRAW = Record(1, 1, {"city": "Lyon", "number": 1, "prize": "1"})


def end_lease(scratch: Scratch) -> None:
    """As if the owner had been silent for long."""
    scratch.run("UPDATE pipeline_app SET lease_until = NOW(3) - INTERVAL 1 SECOND")


def test_a_second_copy_refuses_while_the_first_is_alive(ledger: Ledger, new_ledger: NewLedger) -> None:
    with pytest.raises(Refused, match=rf"toy is already running as {ledger.owner} and may load until .* UTC; stop"):
        new_ledger().take_epoch()
    ledger.renew_lease()


def test_a_released_or_dead_owner_is_followed_at_once(ledger: Ledger, new_ledger: NewLedger) -> None:
    ledger.release()
    second = new_ledger()
    assert second.take_epoch() == ledger.epoch + 1
    second.engine.dispose()
    second._lease._close()  # the process has died: its lease is fresh, its connection gone
    assert new_ledger().take_epoch() == ledger.epoch + 2


def test_a_new_owner_kills_the_connections_of_the_old_one(
    ledger: Ledger, new_ledger: NewLedger, scratch: Scratch, spark_account: Settings
) -> None:
    loading = loader_connection(spark_account, "toy", ledger.epoch)
    other = loader_connection(spark_account, "another", 1)
    end_lease(scratch)
    new_ledger().take_epoch()
    assert not loading.lives()
    assert other.lives()
    other.close()
    with pytest.raises(LostEpoch, match="another copy has taken over"):
        ledger.renew_lease()


def test_an_old_owner_can_neither_begin_nor_commit(
    loader: Loader, ledger: Ledger, new_ledger: NewLedger, scratch: Scratch
) -> None:
    load_id = loader.begin("toy_draw", 1)
    loader.write(load_id, "toy_draw", [DRAW])
    end_lease(scratch)
    second = new_ledger()
    second.take_epoch()
    assert second.undo_pending() == [load_id]
    with pytest.raises(ZombieLoad, match=f"Load {load_id} of epoch {ledger.epoch} is undone"):
        loader.commit(load_id, [DRAW])
    with pytest.raises(LostEpoch):
        loader.begin("toy_draw", 1)
    assert scratch.one("SELECT COUNT(*) FROM toy_draw") == 0


def test_undo_takes_out_rows_staging_and_quarantine_of_pending_loads_only(
    loader: Loader, ledger: Ledger, scratch: Scratch
) -> None:
    loader.load("toy_draw", [DRAW])
    plan = Record(5, 1, {"plan": "A", "changed_on": "2020-01-01", "price": "1"})
    pending = [loader.begin("toy_draw", 2), loader.begin("toy_plan", 1)]
    loader.write(pending[0], "toy_draw", [Record(1, 2, DRAW.values), Record(1, 3, refused=True)])
    loader.write(pending[1], "toy_plan", [plan])
    assert ledger.undo_pending("toy_plan") == [pending[1]]
    assert ledger.undo_pending() == [pending[0]]
    assert ledger.undo_pending() == []
    assert scratch.rows("SELECT source_id, row_no FROM toy_draw") == [(1, 1)]
    assert scratch.rows("SELECT * FROM toy_plan_staging") == scratch.rows("SELECT * FROM quarantine") == []
    assert scratch.rows("SELECT state FROM pipeline_load ORDER BY load_id") == [
        ("committed",),
        ("undone",),
        ("undone",),
    ]
    assert ledger.committed_offsets("toy_draw") == {0: 1}


def test_a_zombie_task_finds_its_load_gone(
    loader: Loader, ledger: Ledger, spark_account: Settings, scratch: Scratch
) -> None:
    load_id = loader.begin("toy_draw", 1)
    ledger.undo_pending()
    with pytest.raises(ZombieLoad, match="is undone"):
        loader.write(load_id, "toy_draw", [DRAW])
    connection = loader_connection(spark_account, "toy", ledger.epoch)
    with pytest.raises(ZombieLoad, match="is gone"):
        hold_load(connection, load_id + 1000, ledger.epoch, "toy_draw")
    connection.close()
    pending = loader.begin("toy_draw", 1)
    connection = loader_connection(spark_account, "toy", ledger.epoch)
    with pytest.raises(ZombieLoad, match=f"is pending, of epoch {ledger.epoch}"):
        hold_load(connection, pending, ledger.epoch - 1, "toy_draw")
    connection.close()
    connection = loader_connection(spark_account, "toy", ledger.epoch)
    with pytest.raises(ZombieLoad, match="and the feed toy_draw"):
        hold_load(connection, pending, ledger.epoch, "toy_state")
    connection.close()


def test_the_commit_waits_for_a_task_that_still_holds_the_load(
    loader: Loader, ledger: Ledger, spark_account: Settings, scratch: Scratch
) -> None:
    load_id = loader.begin("toy_draw", 2)
    slow = loader_connection(spark_account, "toy", ledger.epoch)
    hold_load(slow, load_id, ledger.epoch, "toy_draw")
    slow.cmd_query(f"INSERT INTO toy_draw (source_id, row_no, load_id, number) VALUES (1, 2, {load_id}, 4)")
    loader.write(load_id, "toy_draw", [DRAW])
    committing = Thread(target=loader.commit, args=(load_id, [DRAW, Record(1, 2)]))
    committing.start()
    wait_until(is_waiting_for_a_row, "the commit waits for the task")
    assert committing.is_alive()
    slow.commit()
    committing.join(30)
    assert not committing.is_alive()
    slow.close()
    assert scratch.rows("SELECT state, loaded FROM pipeline_load") == [("committed", 2)]


def test_a_commit_whose_answer_was_lost_is_found_done(loader: Loader, ledger: Ledger, scratch: Scratch) -> None:
    load_id = loader.begin("toy_draw", 1)
    loader.write(load_id, "toy_draw", [DRAW])
    first = loader.commit(load_id, [DRAW])
    assert loader.commit(load_id, [DRAW]) == first
    assert scratch.one("SELECT SUM(draws) FROM toy_draw_by_city") == 1


def test_a_commit_that_dies_before_its_end_changes_nothing(loader: Loader, ledger: Ledger, scratch: Scratch) -> None:
    load_id = loader.begin("toy_draw", 1)
    loader.write(load_id, "toy_draw", [DRAW])
    moments = []

    def die(name: str) -> None:
        moments.append(name)
        if moments == ["before_commit"]:
            raise KeyboardInterrupt

    ledger.at = die
    with pytest.raises(KeyboardInterrupt):
        loader.commit(load_id, [DRAW])
    assert scratch.rows("SELECT * FROM toy_draw_by_city") == []
    assert loader.commit(load_id, [DRAW]).loaded == 1
    assert moments == ["before_commit", "before_commit", "after_commit"]


def test_a_killed_connection_is_no_more_than_a_second_try(loader: Loader, ledger: Ledger, scratch: Scratch) -> None:
    load_id = loader.begin("toy_draw", 1)
    loader.write(load_id, "toy_draw", [DRAW])
    scratch.kill_all_of("spark")
    assert loader.commit(load_id, [DRAW]).loaded == 1
    scratch.kill_all_of("spark")
    ledger.renew_lease()


def test_a_load_must_begin_where_the_last_one_ended(loader: Loader, ledger: Ledger) -> None:
    loader.load("toy_draw", [DRAW])
    wrong = r"Feed toy_draw: partition 0 would start {}, but the ledger ends at 1; restart the application"
    with pytest.raises(Refused, match=wrong.format("at 0")):
        ledger.begin_load("toy_draw", TOPIC_UUID, {0: 0}, {0: 5}, "1")
    with pytest.raises(Refused, match=wrong.format("nowhere")):
        ledger.begin_load("toy_draw", TOPIC_UUID, {1: 0}, {1: 5}, "1")
    with pytest.raises(Refused, match="is no range"):
        ledger.begin_load("toy_draw", TOPIC_UUID, {0: 1}, {0: 0}, "1")
    loader.begin("toy_draw", 1)
    with pytest.raises(Refused, match="is still pending; undo it before the next one begins"):
        loader.begin("toy_draw", 1)


def test_state_and_samples_are_kept(loader: Loader, ledger: Ledger, scratch: Scratch) -> None:
    ledger.set_feed_state("toy_draw", "retrying", "MySQL is away.", {0: 7})
    scratch.run("INSERT INTO pipeline_sample VALUES ('toy_draw', NOW() - INTERVAL 8 DAY, 1, 1)")
    ledger.record_sample("toy_draw", 7, 1.5)
    ledger.record_sample("toy_draw", 7, 1.5)
    query = "SELECT state, message, lag_records, freshness_seconds FROM v_feed_health WHERE feed = 'toy_draw'"
    assert scratch.rows(query) == [("retrying", "MySQL is away.", 7, 1.5)]
    assert 1 <= scratch.one("SELECT COUNT(*) FROM pipeline_sample") <= 2


def test_a_loaders_account_cannot_change_the_schema(ledger: Ledger) -> None:
    with pytest.raises(DBAPIError, match="denied"), ledger.engine.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE mine (a INT)")


def test_a_reserved_number_is_a_load_when_it_begins(loader: Loader, ledger: Ledger, scratch: Scratch) -> None:
    reserved, other, first = ledger.reserve_load(), ledger.reserve_load(), loader.begin("toy_draw", 1)
    assert reserved < other < first
    assert scratch.one("SELECT COUNT(*) FROM pipeline_load") == 1, "nothing was entered"
    loader.write(first, "toy_draw", [DRAW])
    loader.commit(first, [DRAW])
    reserved = ledger.reserve_load()
    assert ledger.begin_load("toy_draw", TOPIC_UUID, {0: 1}, {0: 2}, "1", reserved) == reserved > first


def test_a_task_waits_for_its_load_to_begin(
    loader: Loader, ledger: Ledger, spark_account: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    loader.begin("toy_draw", 0)
    reserved = ledger.reserve_load()
    connection, rollbacks = loader_connection(spark_account, "toy", ledger.epoch), Semaphore(0)
    rollback = connection.rollback

    def rolled_back() -> None:
        rollback()
        rollbacks.release()

    monkeypatch.setattr(connection, "rollback", rolled_back)
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(await_load, connection, reserved)
        # Who looks a second time has not been content with the first.
        assert rollbacks.acquire(timeout=SECONDS) and rollbacks.acquire(timeout=SECONDS)
        ledger.undo_pending("toy_draw")
        ledger.begin_load("toy_draw", TOPIC_UUID, {0: 0}, {0: 1}, "1", reserved)
        waiting.result(SECONDS)
    hold_load(connection, reserved, ledger.epoch, "toy_draw")
    connection.close()
