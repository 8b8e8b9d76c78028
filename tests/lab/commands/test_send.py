"""Whole files from the host into MySQL, with exact counts, on the real machines."""

from pathlib import Path

import pytest

from instruments.own_feed import FEED, ROLLUP, record, topic_ends, write_file
from instruments.tools import Sum, Warehouse, real_file, run_send, send, source_of, with_extra_column
from millrace.contract.contract import load_contract

RealFile = tuple[str, str, int]
"""Feed, name, records."""
REAL_FILES = [
    pytest.param(("insurance_network", "Network_kaggle_2014_2016.csv", 3_822)),
    pytest.param(("insurance_service_area", "ServiceArea_sample.csv", 10_000), marks=pytest.mark.full),
    pytest.param(("insurance_benefit", "BenefitsCostSharing_sample.csv", 10_000), marks=pytest.mark.full),
]


def everything(mysql: Warehouse, feed: str) -> list[tuple[int, str]]:
    """The feed's table as readers see it, its rollups and its quarantine."""
    rollups = [rollup.name for rollup in load_contract(feed).rollups]
    tables = [mysql.fingerprint(table) for table in (f"v_{feed}", *rollups)]
    return [*tables, mysql.fingerprint("v_quarantine", f"feed = '{feed}'")]


@pytest.mark.parametrize("of", REAL_FILES)
def test_a_real_file_lands_once_and_only_once(mysql: Warehouse, of: RealFile) -> None:
    feed, name, records = of
    file = real_file(name)
    source = source_of(feed, file)
    before = mysql.one(f"SELECT COUNT(*) FROM {feed} WHERE source_id = :source", source=source)
    assert before in (0, records)
    assert send(feed, file) == Sum(records, records - before, 0, before, 0)
    assert mysql.one(f"SELECT COUNT(*) FROM v_{feed} WHERE source_id = :source", source=source) == records

    after = everything(mysql, feed)
    assert send(feed, file) == Sum(records, 0, 0, records, 0)
    assert everything(mysql, feed) == after


@pytest.mark.parametrize("of", REAL_FILES)
def test_equal_records_of_another_file_all_count_and_can_be_taken_out_again(
    mysql: Warehouse, tmp_path: Path, nonce: str, of: RealFile
) -> None:
    feed, name, records = of
    before = everything(mysql, feed)
    copy = with_extra_column(real_file(name), tmp_path, nonce)
    source = source_of(feed, copy)
    assert send(feed, copy) == Sum(records, records, 0, 0, 0)
    unknown = f"SELECT extra->>'$.Nonce' AS nonce, COUNT(*) AS n FROM v_{feed} WHERE source_id = :source GROUP BY nonce"
    assert mysql.rows(unknown, source=source) == [{"nonce": nonce, "n": records}]

    head, first = copy.read_bytes().splitlines(keepends=True)[:2]
    copy.write_bytes(head + first)
    assert send(feed, copy, "--replace") == Sum(1, 1, 0, 0, 0)
    assert mysql.one(f"SELECT COUNT(*) FROM {feed} WHERE source_id = :source", source=source) == 0
    assert everything(mysql, feed)[0][0] == before[0][0] + 1


@pytest.mark.usefixtures("parcel")
def test_a_known_name_with_other_content_is_refused_and_offers_both_ways_out(
    mysql: Warehouse, tmp_path: Path, nonce: str
) -> None:
    old = write_file(tmp_path, nonce, record(nonce), record(nonce, 2))
    old_source = source_of(FEED, old)
    assert send(FEED, old) == Sum(2, 2, 0, 0, 0)

    before = topic_ends()
    new = write_file(tmp_path, nonce, record(f"{nonce} mended"))
    refused = run_send(FEED, new)
    assert refused.code == 1
    assert "AS_NEW=1" in refused.said
    assert "REPLACE=1" in refused.said
    assert topic_ends() == before

    assert send(FEED, new, "--as-new") == Sum(1, 1, 0, 0, 0)
    assert (rows_of(mysql, old_source), rows_of(mysql, source_of(FEED, new))) == (2, 1)


@pytest.mark.usefixtures("parcel")
def test_replace_takes_the_old_version_out_of_table_and_rollup(mysql: Warehouse, tmp_path: Path, nonce: str) -> None:
    old = write_file(tmp_path, nonce, record(nonce), record(nonce, 2), record(nonce, 3))
    old_source = source_of(FEED, old)
    before = counted(mysql)
    send(FEED, old)
    assert counted(mysql) == before + 3

    new = write_file(tmp_path, nonce, record(f"{nonce} mended"))
    assert send(FEED, new, "--replace") == Sum(1, 1, 0, 0, 0)
    assert (rows_of(mysql, old_source), rows_of(mysql, source_of(FEED, new))) == (0, 1)
    assert counted(mysql) == before + 1


@pytest.mark.usefixtures("parcel")
def test_both_flags_at_once_are_refused(lab: object, tmp_path: Path, nonce: str) -> None:
    file = write_file(tmp_path, nonce, record(nonce))
    run = run_send(FEED, file, "--as-new", "--replace")
    assert run.code == 1
    assert run.said == (
        "✗ AS_NEW and REPLACE exclude each other: AS_NEW counts both versions, REPLACE takes the old one out."
    )


def rows_of(mysql: Warehouse, source: int) -> int:
    return int(mysql.one(f"SELECT COUNT(*) FROM v_{FEED} WHERE source_id = :source", source=source))


def counted(mysql: Warehouse) -> int:
    """All that the rollup counts."""
    return int(mysql.one(f"SELECT COALESCE(SUM(parcels), 0) FROM {ROLLUP}"))
