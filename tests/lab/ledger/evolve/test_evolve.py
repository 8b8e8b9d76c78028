"""A feed's tables follow its contract: what loses nothing is done, what loses something is refused, twice is once."""

import pytest
from sqlalchemy import Engine

from millrace.errors import Refused
from sql import contracts_in_use
from sql.evolve.evolve import evolve
from sql.schema.feed_tables import fact_table
from tests.lab.ledger.evolve.stamps import (
    BY_COUNTRY,
    CENTS,
    COUNTRY,
    FEED,
    PRICE,
    STAMPS,
    UPSERT,
    VALUE,
    change,
    columns,
    definition,
    stamp,
)
from tests.lab.ledger.scratch import Scratch


def test_a_new_feed_has_facts_rollups_and_a_view(stamps: Engine, scratch: Scratch) -> None:
    assert change(stamps, stamp()) == [f"{FEED}: {FEED} made", f"{FEED}: {FEED}_by_country rebuilt"]
    text = definition(scratch, FEED)
    assert text.endswith(
        "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin COMMENT='Stamps of a collection'"
    )
    assert "`price` decimal(10,2) DEFAULT NULL COMMENT '100 % of Euro''s'" in text
    assert columns(scratch, f"v_{FEED}") == columns(scratch)
    assert f"PRIMARY KEY (`source_id`,`row_no`),\n  KEY `{FEED}_load` (`load_id`)" in text
    sums = definition(scratch, f"{FEED}_by_country")
    assert "`stamps` bigint NOT NULL COMMENT 'Stamps'" in sums
    assert "PRIMARY KEY (`country`)" in sums


def test_an_upsert_feed_has_staging(stamps: Engine, scratch: Scratch) -> None:
    change(stamps, stamp(rollups=[], **UPSERT))
    assert columns(scratch, f"{FEED}_staging")[:3] == ["load_id", "kafka_partition", "kafka_offset"]


def test_a_column_is_added_where_the_contract_has_it(filled: Engine, scratch: Scratch) -> None:
    colour = {"from": "Colour", "name": "colour", "type": "varchar(10)", "comment": "Its colour"}
    assert change(filled, stamp(COUNTRY, colour, VALUE, PRICE)) == [f"{FEED}: {FEED} altered (colour added)"]
    assert columns(scratch)[3:6] == ["country", "colour", "value"]
    assert columns(scratch, f"v_{FEED}") == columns(scratch)
    with filled.connect() as connection:
        assert contracts_in_use.read(connection)[FEED].to_fill == {"colour": ["Colour"]}


@pytest.mark.parametrize(
    ("kind", "shown"), [("bigint", "bigint"), ("decimal(12,2)", "decimal(12,2)"), ("double", "double")]
)
def test_a_type_is_widened(filled: Engine, scratch: Scratch, kind: str, shown: str) -> None:
    change(filled, stamp(COUNTRY, VALUE | {"type": kind}, PRICE))
    assert f"`value` {shown} NOT NULL" in definition(scratch, FEED)
    assert scratch.rows(f"SELECT CAST(value AS SIGNED) FROM v_{FEED} ORDER BY 1") == [(10,), (20,), (30,)]


def test_a_column_is_renamed_and_widened_at_once(filled: Engine, scratch: Scratch) -> None:
    cents = VALUE | {"name": "cents", "was": "value", "type": "bigint"}
    assert change(filled, stamp(COUNTRY, cents, PRICE)) == [f"{FEED}: {FEED} altered (value → cents, cents BIGINT)"]
    assert scratch.rows(f"SELECT cents FROM v_{FEED} ORDER BY 1") == [(10,), (20,), (30,)]


def test_a_renamed_key_of_a_rollup_is_a_key(filled: Engine, scratch: Scratch) -> None:
    land = COUNTRY | {"name": "land", "was": "country"}
    change(filled, stamp(land, VALUE, PRICE, rollups=[BY_COUNTRY | {"by": ["land"]}]))
    assert scratch.rows(f"SELECT land, stamps FROM {FEED}_by_country ORDER BY 1") == [("C0", 1), ("C1", 2)]


ROLLUPS = {
    "added": ([BY_COUNTRY, BY_COUNTRY | {"name": f"{FEED}_all", "by": ["value"]}], f"{FEED}_all rebuilt"),
    "where": ([BY_COUNTRY | {"where": "value > 15"}], f"{FEED}_by_country rebuilt"),
    "sum added": ([BY_COUNTRY | {"measures": [STAMPS, CENTS]}], f"{FEED}_by_country rebuilt"),
    "sum changed": (
        [BY_COUNTRY | {"measures": [STAMPS, CENTS | {"sum": "value * 2"}]}],
        f"{FEED}_by_country rebuilt",
    ),
    "key": ([BY_COUNTRY | {"by": ["value"]}], f"{FEED}_by_country rebuilt"),
    "gone": ([], f"{FEED}_by_country dropped"),
    "words": ([BY_COUNTRY | {"comment": "New words"}], f"{FEED}_by_country altered"),
}


@pytest.mark.parametrize("name", ROLLUPS)
def test_rollups_are_made_from_the_facts(filled: Engine, name: str) -> None:
    rollups, done = ROLLUPS[name]
    assert change(filled, stamp(rollups=rollups)) == [f"{FEED}: {done}"]


def test_a_load_that_is_not_committed_is_in_no_rollup(filled: Engine, scratch: Scratch) -> None:
    scratch.run(f"INSERT INTO {FEED} (source_id, row_no, load_id, country, value) VALUES (1, 9, 2, 'C9', 1)")
    change(filled, stamp(rollups=[BY_COUNTRY | {"where": "value > 0"}]))
    assert scratch.rows(f"SELECT country FROM {FEED}_by_country ORDER BY 1") == [("C0",), ("C1",)]


def test_words_and_limits_change_no_rows(filled: Engine, scratch: Scratch) -> None:
    assert change(filled, stamp(COUNTRY, VALUE | {"min": 5}, PRICE)) == [
        f"{FEED}: contract {stamp(COUNTRY, VALUE | {'min': 5}, PRICE).version}"
    ]
    change(filled, stamp(COUNTRY, VALUE | {"comment": "It's cents"}, PRICE, description="Other words"))
    assert "COMMENT 'It''s cents'" in definition(scratch, FEED)


REFUSED = {
    "dropped": (stamp(COUNTRY, VALUE), "its table has the column price and its contract has not"),
    "narrowed": (
        stamp(COUNTRY, VALUE | {"type": "smallint"}, PRICE),
        "value is int in the table and smallint in the contract",
    ),
    "required": (
        stamp(COUNTRY, VALUE, PRICE, VALUE | {"from": "New", "name": "new"}),
        "the new column new is required",
    ),
    "tightened": (stamp(COUNTRY, VALUE, PRICE | {"required": True}), "price is required now"),
    "mode": (
        stamp(rollups=[BY_COUNTRY], **UPSERT),
        "its rows are kept by source_id, row_no, and the contract wants value",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_would_lose_data_is_refused_before_anything_is_done(filled: Engine, scratch: Scratch, name: str) -> None:
    contract, sentence = REFUSED[name]
    before = definition(scratch, FEED)
    with pytest.raises(Refused, match=sentence) as refused:
        evolve(filled, {FEED: contract})
    assert "To begin anew without the rows: `make feed-off" in str(refused.value)
    assert definition(scratch, FEED) == before
    assert evolve(filled, {FEED: stamp()}) == []


@pytest.mark.parametrize("name", REFUSED)
def test_an_empty_table_has_nothing_to_lose(stamps: Engine, scratch: Scratch, name: str) -> None:
    contract = REFUSED[name][0]
    change(stamps, stamp())
    before = definition(scratch, FEED)
    change(stamps, contract)
    assert definition(scratch, FEED) != before
    assert columns(scratch) == [column.name for column in fact_table(contract).columns]


def test_parts_of_a_second_get_room_when_the_contract_reads_them(stamps: Engine, scratch: Scratch) -> None:
    at = {"from": "At", "name": "at", "type": "datetime", "formats": ["yyyy-MM-dd HH:mm:ss"], "comment": "When"}
    change(stamps, stamp(VALUE, at, rollups=[]))
    scratch.run(
        f"INSERT INTO {FEED} (source_id, row_no, load_id, value, at) VALUES (1, 1, 1, 10, '2026-01-31 23:59:59')"
    )
    finer = at | {"formats": ["yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd HH:mm:ss.SSS"]}
    change(stamps, stamp(VALUE, finer, rollups=[]))
    assert "`at` datetime(3) DEFAULT NULL" in definition(scratch, FEED)
    scratch.run(
        f"INSERT INTO {FEED} (source_id, row_no, load_id, value, at) VALUES (1, 2, 1, 10, '2026-01-31 23:59:59.678')"
    )
    found = scratch.rows(f"SELECT CAST(at AS CHAR) FROM {FEED} ORDER BY row_no")
    assert found == [("2026-01-31 23:59:59.000",), ("2026-01-31 23:59:59.678",)]
    with pytest.raises(Refused, match="at"):
        evolve(stamps, {FEED: stamp(VALUE, at, rollups=[])})


def test_what_decides_the_newest_record_stays(stamps: Engine, scratch: Scratch) -> None:
    year = VALUE | {"from": "Year", "name": "year"}
    change(stamps, stamp(COUNTRY, VALUE, year, rollups=[], **UPSERT))
    scratch.run(f"INSERT INTO {FEED} (source_id, row_no, load_id, value, year) VALUES (1, 1, 1, 10, 1)")
    with pytest.raises(Refused, match="value has decided which record wins"):
        evolve(stamps, {FEED: stamp(COUNTRY, VALUE, year, rollups=[], **(UPSERT | {"newest_by": "year"}))})


def test_the_key_of_an_upsert_feed_stays(stamps: Engine, scratch: Scratch) -> None:
    year = VALUE | {"from": "Year", "name": "year"}
    change(stamps, stamp(COUNTRY, VALUE, year, rollups=[], **UPSERT))
    scratch.run(f"INSERT INTO {FEED} (source_id, row_no, load_id, value, year) VALUES (1, 1, 1, 10, 1)")
    before = definition(scratch, FEED)
    with pytest.raises(Refused, match="its rows are kept by value, and the contract wants year"):
        evolve(stamps, {FEED: stamp(COUNTRY, VALUE, year, rollups=[], **(UPSERT | {"key": ["year"]}))})
    assert definition(scratch, FEED) == before


def test_tables_of_a_release_before_are_found_as_they_are(filled: Engine, scratch: Scratch) -> None:
    scratch.run(f"DELETE FROM pipeline_contract WHERE feed = '{FEED}'")
    assert change(filled, stamp()) == [f"{FEED}: contract {stamp().version}"]
    scratch.run(f"DELETE FROM pipeline_contract WHERE feed = '{FEED}'")
    assert change(filled, stamp(rollups=[BY_COUNTRY | {"where": "value > 10"}])) == [
        f"{FEED}: {FEED}_by_country rebuilt"
    ]
