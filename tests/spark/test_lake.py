"""The lake holds what was committed, once: run twice, killed anywhere, a feed started over, a source replaced."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from millrace.contract.contract import Contract
from millrace.errors import Refused
from millrace.lock import alone
from spark.jobs import lake as job
from spark.jobs.committed_loads import CommittedLoad
from spark.jobs.lake_folders import Day, days, make_room
from spark.jobs.table_reader import LoadIdRange, table_schema
from tests.spark.lake_in_memory import CONTRACT, FEED, MONDAY, TUESDAY, Lake


def test_every_committed_row_is_there_once_however_often_it_runs(lake: Lake) -> None:
    lake.warehouse.loads = [(3, MONDAY, 7, 2), (5, MONDAY, 8, 3), (9, TUESDAY, 7, 4)]
    assert lake.run() == 9
    assert lake.run() == 0
    assert lake.seen() == lake.expected()
    lake.warehouse.loads += [(11, TUESDAY, 9, 1), (12, TUESDAY, 9, 0)]
    assert lake.run() == 1
    assert lake.run() == 0
    assert lake.seen() == lake.expected()


def test_spark_sees_days_and_types(lake: Lake) -> None:
    lake.warehouse.loads = [(3, MONDAY, 7, 2), (9, TUESDAY, 7, 4)]
    lake.run()
    rows = lake.spark.read.parquet(str(lake.settings.lake_dir / FEED))
    assert {(row.loaded_on, row["count"]) for row in rows.groupBy("loaded_on").count().collect()} == {
        (MONDAY, 2),
        (TUESDAY, 4),
    }
    assert dict(rows.dtypes)["imported_at"] == "timestamp_ntz"
    assert {row.network_name for row in rows.select("network_name").distinct().collect()} == {
        "é 0",
        "é 1",
        "é 2",
        "é 3",
    }


class Killed(BaseException):
    """What a kill looks like from inside."""


@pytest.mark.parametrize("step", ["new_version", "publish", "symlink_to", "replace", "rename"])
@pytest.mark.parametrize("at", [1, 2])
def test_a_kill_at_any_moment_loses_nothing_and_repeats_nothing(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, step: str, at: int
) -> None:
    lake.warehouse.loads = [(1, MONDAY, 1, 2), (2, MONDAY, 2, 2), (3, TUESDAY, 3, 2)]
    owner = Day if hasattr(Day, step) else Path
    original, calls = getattr(owner, step), iter(range(1, 1000))

    def dies(self: Any, *arguments: Any, **more: Any) -> Any:
        if next(calls) == at:
            raise Killed
        return original(self, *arguments, **more)

    with monkeypatch.context() as patched:
        patched.setattr(owner, step, dies)
        try:
            lake.run()
        except Killed:
            assert set(lake.seen()) <= set(lake.expected())
    lake.run()
    assert lake.seen() == lake.expected()


def test_small_files_become_one(lake: Lake) -> None:
    for load in range(1, job.FILES_PER_DAY + 2):
        lake.warehouse.loads.append((load, MONDAY, load, 1))
        lake.run()
    assert lake.files(MONDAY) == 1
    lake.warehouse.loads += [(50, MONDAY, 50, 1), (60, TUESDAY, 60, 1)]
    lake.run()
    assert (lake.files(MONDAY), lake.files(TUESDAY)) == (1, 1)
    assert lake.seen() == lake.expected()


def test_a_kill_while_compacting_shows_the_small_files(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    lake.warehouse.loads = [(1, MONDAY, 1, 2)]
    lake.run()
    lake.warehouse.loads += [(2, MONDAY, 2, 2), (3, TUESDAY, 3, 2)]
    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr(job, "compact", lambda *_: (_ for _ in ()).throw(Killed))
        lake.run()
    assert lake.seen() == lake.expected()
    assert lake.files(MONDAY) == 2
    lake.run()
    assert lake.files(MONDAY) == 1
    assert lake.seen() == lake.expected()


def changed(contract: Contract) -> Contract:
    """A whole number that is wider, a column with another name, one that is new."""
    content = contract.model_dump(mode="json", by_alias=True)
    columns = {column["name"]: column for column in content["columns"]}
    columns["issuer_id"]["type"] = "bigint"
    columns["network_name"] |= {"name": "title", "was": "network_name"}
    content["columns"].append({"from": "Stars", "name": "stars", "type": "decimal(3,1)", "comment": "How good it is"})
    return Contract.model_validate(content | {"rollups": []})


@pytest.mark.parametrize("wrote_no_shape", [False, True])
def test_a_changed_contract_changes_every_day(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, wrote_no_shape: bool
) -> None:
    lake.warehouse.loads = [(1, MONDAY, 1, 2), (2, TUESDAY, 2, 1), (3, TUESDAY, 3, 1)]
    with monkeypatch.context() as patched:
        if wrote_no_shape:
            patched.setattr(job.Shape, "digest", "")
        lake.run()
    lake.contract = changed(CONTRACT)
    lake.warehouse.loads += [(4, TUESDAY, 4, 2)]
    assert lake.run() == 2
    assert lake.seen() == lake.expected()
    for day in days(lake.settings.lake_dir, FEED):
        types = [pq.read_schema(file).remove_metadata() for file in day.files()]
        assert all(kind.equals(table_schema(lake.contract)) for kind in types)
    rows = lake.spark.read.parquet(str(lake.settings.lake_dir / FEED))
    assert {row.title for row in rows.where("loaded_on = '2026-11-23'").collect()} == {"é 0", "é 1"}
    assert dict(rows.dtypes)["issuer_id"] == "bigint"
    shown = [day.link.readlink() for day in days(lake.settings.lake_dir, FEED)]
    assert lake.run() == 0
    assert [day.link.readlink() for day in days(lake.settings.lake_dir, FEED)] == shown


def test_readers_keep_the_files_they_have_just_listed(lake: Lake) -> None:
    lake.warehouse.loads = [(1, MONDAY, 1, 2)]
    lake.run()
    listed = Day(lake.settings.lake_dir, FEED, MONDAY).files()
    lake.warehouse.loads += [(2, MONDAY, 2, 2)]
    lake.run()
    assert all(file.exists() for file in listed)


def test_a_feed_that_was_started_over_begins_anew(lake: Lake) -> None:
    lake.warehouse.loads = [(1, MONDAY, 1, 2), (2, TUESDAY, 2, 2)]
    lake.run()
    lake.warehouse.topic, lake.warehouse.loads = "second", [(7, TUESDAY, 5, 3)]
    lake.run()
    assert lake.seen() == lake.expected()
    assert [day.day for day in days(lake.settings.lake_dir, FEED)] == [TUESDAY]


def test_a_feed_that_went_on_in_another_topic_keeps_what_only_the_lake_has(lake: Lake) -> None:
    """Such as the older version of an updated key, which has left the table."""
    lake.warehouse.loads = [(1, MONDAY, 1, 2)]
    lake.run()
    lake.warehouse.topic, lake.warehouse.topics = "second", frozenset({"first"})
    lake.warehouse.loads = [(2, TUESDAY, 1, 2)]
    assert (lake.run(), lake.run()) == (2, 0)
    assert lake.seen() == [(1, 0), (1, 0), (1, 1), (1, 1)]


def test_rows_of_a_replaced_source_leave_the_lake(lake: Lake) -> None:
    lake.warehouse.loads = [(1, MONDAY, 1, 2), (2, MONDAY, 2, 2), (3, TUESDAY, 1, 3)]
    lake.run()
    lake.warehouse.gone = {1: 4}
    lake.warehouse.loads += [(4, TUESDAY, 9, 1), (5, TUESDAY, 1, 2)]
    lake.run()
    assert lake.seen() == lake.expected() == [(1, 0), (1, 1), (2, 0), (2, 1), (9, 0)]


def test_a_source_that_was_replaced_and_came_back_between_two_runs_is_there_once(lake: Lake) -> None:
    lake.warehouse.loads = [(1, MONDAY, 1, 2)]
    lake.run()
    lake.warehouse.gone = {1: 2, 9: 3}
    lake.warehouse.loads += [(2, MONDAY, 9, 1), (3, TUESDAY, 1, 2)]
    lake.run()
    assert lake.seen() == lake.expected() == [(1, 0), (1, 1)]


def test_a_source_that_is_replaced_while_its_rows_are_read_stops_nothing(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake.warehouse.loads = [(1, MONDAY, 1, 2), (2, MONDAY, 2, 2)]
    read = lake.warehouse.rows

    def replaced_meanwhile(ranges: Sequence[LoadIdRange]) -> list[dict[str, Any]]:
        lake.warehouse.gone = {1: 3}
        return read(ranges)

    monkeypatch.setattr(lake.warehouse, "rows", replaced_meanwhile)
    lake.run()
    assert lake.seen() == [(2, 0), (2, 1)]
    lake.warehouse.loads += [(3, MONDAY, 9, 1)]
    lake.run()
    assert lake.seen() == lake.expected() == [(2, 0), (2, 1), (9, 0)]


def test_rows_that_the_ledger_counts_and_the_table_lacks_stop_the_export(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake.warehouse.loads = [(1, MONDAY, 1, 2)]
    monkeypatch.setattr(lake.warehouse, "rows", lambda _ranges: [])
    with pytest.raises(Refused, match="loads 1 to 1 have 0 rows in the table, and the ledger counts 2"):
        lake.run()
    assert lake.seen() == []


def test_only_one_run_writes(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job.Ledger, "contracts", lambda _self: {})
    with alone(lake.settings.lake_dir / ".lock", "busy"), pytest.raises(Refused, match="Another run writes the lake"):
        job.export(lake.spark, lake.settings, ())
    job.export(lake.spark, lake.settings, ())


def test_neighbouring_loads_are_read_together() -> None:
    loads = [CommittedLoad(n, MONDAY, rows, n) for n, rows in ((1, 0), (2, 5), (4, 6), (5, job.ROWS_PER_TASK), (9, 1))]
    ranges = [LoadIdRange(2, 4, 11), LoadIdRange(5, 5, job.ROWS_PER_TASK), LoadIdRange(9, 9, 1)]
    assert job.load_ranges(loads) == ranges


def test_the_oldest_days_go_when_the_lake_is_full(lake: Lake) -> None:
    lake.warehouse.loads = [(3, MONDAY, 7, 2), (9, TUESDAY, 7, 4)]
    lake.run()
    monday, tuesday = days(lake.settings.lake_dir, FEED)
    whole = monday.bytes_on_disk() + tuesday.bytes_on_disk()
    assert whole > tuesday.bytes_on_disk() > 0
    assert make_room(lake.settings.lake_dir, whole) == []
    assert make_room(lake.settings.lake_dir, whole - 1) == [monday]
    assert not monday.versions.exists()
    assert len(lake.seen()) == 4
    # The newest day says how far the lake is: nothing is exported twice.
    assert make_room(lake.settings.lake_dir, 0) == []
    assert lake.run() == 0
    lake.warehouse.loads.append((11, TUESDAY, 8, 1))
    assert lake.run() == 1
    assert len(lake.seen()) == 5


def test_versions_of_a_day_share_their_files(lake: Lake) -> None:
    lake.warehouse.loads = [(3, MONDAY, 7, 2)]
    lake.run()
    (monday,) = days(lake.settings.lake_dir, FEED)
    before = monday.bytes_on_disk()
    lake.warehouse.loads.append((5, MONDAY, 8, 2))
    lake.run()
    assert monday.bytes_on_disk() < 3 * before
