"""The schema is the one that the contracts ask for, and it may be migrated again."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Engine, Table, inspect, text
from sqlalchemy.exc import DBAPIError

from millrace.contract.contract import Contract, all_contracts
from millrace.settings import Settings
from sql.engine import connect
from sql.ledger.rollup import differences
from sql.migrate import Migrated, current, migrate, revisions
from sql.schema.feed_tables import build_metadata, load_target, load_target_columns
from tests.lab.ledger.scratch import Scratch, account

TOY_TABLES = {"toy_draw", "toy_draw_by_city", "toy_plan", "toy_plan_staging", "toy_plan_by_kind"}
FEEDS = list(all_contracts().values())


@pytest.fixture(scope="module")
def engine(migrated: Settings) -> Engine:
    return connect(migrated)


def column_facts(connection: Connection, table: str) -> list[tuple[str, str, str, str]]:
    query = (
        "SELECT column_name, column_type, is_nullable, column_comment FROM information_schema.columns"
        " WHERE table_schema = DATABASE() AND table_name = :table ORDER BY ordinal_position"
    )
    return [tuple(row) for row in connection.execute(text(query), {"table": table})]


def test_every_migration_has_been_applied_and_none_is_left(migrated: Settings, engine: Engine) -> None:
    assert migrate(migrated) == Migrated()
    with engine.connect() as connection:
        assert current(connection) == revisions()[-1:]


@pytest.mark.parametrize("stamp", ["0005", "0013"])
def test_a_database_of_an_older_release_is_found(migrated: Settings, engine: Engine, stamp: str) -> None:
    """0013: a feed of a person's own had a migration then."""
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :stamp"), {"stamp": stamp})
    assert migrate(migrated).changed == []
    with engine.connect() as connection:
        assert current(connection) == revisions()[-1:]


def test_the_live_schema_is_what_the_contracts_ask_for(engine: Engine) -> None:
    wanted = build_metadata()
    with engine.connect() as connection:
        options = {"include_name": lambda name, kind, parents: name not in TOY_TABLES, "compare_type": True}
        found = compare_metadata(MigrationContext.configure(connection, opts=options), wanted)
        assert found == []


@pytest.mark.parametrize("table", build_metadata().sorted_tables, ids=str)
def test_primary_keys_are_those_of_the_contracts(table: Table, engine: Engine) -> None:
    live = inspect(engine).get_pk_constraint(table.name)["constrained_columns"]
    assert live == [column.name for column in table.primary_key.columns]


@pytest.mark.parametrize("contract", FEEDS, ids=lambda contract: contract.feed)
def test_columns_stand_in_the_order_that_executors_load(contract: Contract, engine: Engine) -> None:
    with engine.connect() as connection:
        facts = column_facts(connection, load_target(contract).name)
    assert tuple(fact[0] for fact in facts) == load_target_columns(contract)


def test_every_table_and_column_has_a_comment(engine: Engine) -> None:
    with engine.connect() as connection:
        query = text(
            "SELECT t.table_name, c.column_name FROM information_schema.tables t"
            " JOIN information_schema.columns c USING (table_schema, table_name)"
            " WHERE t.table_schema = DATABASE() AND t.table_type = 'BASE TABLE' AND t.table_name <> 'alembic_version'"
            " AND (t.table_comment = '' OR c.column_comment = '')"
        )
        assert connection.execute(query).all() == []


@pytest.mark.parametrize("contract", FEEDS, ids=lambda contract: contract.feed)
def test_rollups_of_an_empty_feed_can_be_computed(contract: Contract, engine: Engine) -> None:
    with engine.connect() as connection:
        assert differences(connection, contract) == {}


@pytest.mark.parametrize(
    "view",
    [
        *(f"v_{contract.feed}" for contract in FEEDS),
        "v_event",
        "v_load",
        "v_quarantine",
        "v_feed_health",
        "v_quarantine_reason",
        "v_insurance_premium",
        "v_insurance_premium_by_age",
    ],
)
def test_the_reader_reads_every_view_and_writes_nothing(view: str, migrated: Settings) -> None:
    reader = connect(account("reader"))
    with reader.connect() as connection:
        assert connection.execute(text(f"SELECT * FROM {view} LIMIT 1")).all() is not None
        with pytest.raises(DBAPIError, match="denied"):
            connection.execute(text("DELETE FROM pipeline_feed"))
    reader.dispose()


def test_views_show_committed_rows_only(scratch: Scratch) -> None:
    scratch.run(
        "INSERT INTO pipeline_feed (feed, topic, topic_uuid, committed_load_id, end_offsets, contract_version, state,"
        " updated_at) VALUES ('insurance_network', 't', 'u', 7, '{}', 1, 'running', NOW())"
    )
    required = ", ".join(c.name for c in all_contracts()["insurance_network"].columns if c.required)
    values = {"business_year": "2015", "state_code": "'AK'", "imported_at": "NOW()"}
    given = ", ".join(values.get(name.strip(), "12345") for name in required.split(","))
    for load_id in (7, 8):
        scratch.run(
            f"INSERT INTO insurance_network (source_id, row_no, load_id, {required}) VALUES (1, {load_id}, {load_id},"
            f" {given})"
        )
        scratch.run(
            "INSERT INTO quarantine (source_id, row_no, feed, load_id, topic, kafka_partition, kafka_offset, reasons,"
            f" quarantined_at) VALUES (2, {load_id}, 'insurance_network', {load_id}, 't', 0, 0, '[{{\"column\": \"a\","
            ' "value": "1", "reason": "no"}, {"reason": "ragged"}]\', NOW())'
        )
    assert scratch.rows("SELECT row_no FROM v_insurance_network") == [(7,)]
    assert scratch.rows("SELECT row_no FROM v_quarantine") == [(7,)]
    assert scratch.rows("SELECT row_no, column_name, reason FROM v_quarantine_reason ORDER BY column_name") == [
        (7, "", "ragged"),
        (7, "a", "no"),
    ]


def test_a_metal_level_is_counted_once_per_plan(scratch: Scratch) -> None:
    scratch.run(
        "INSERT INTO insurance_rate_by_plan VALUES (2015, 'AK', '12345AK0000001', 2, 10), (2015, 'AK', 'x', 1, 1)"
    )
    for metal in ("Silver", "Gold"):
        scratch.run(f"INSERT INTO insurance_plan_by_component VALUES (2015, 'AK', '12345AK0000001', '{metal}', 3)")
    assert scratch.rows("SELECT plan_id, metal_level, state_iso, rates FROM v_insurance_premium ORDER BY 1") == [
        ("12345AK0000001", "Gold", "US-AK", 2),
        ("x", "Unknown", "US-AK", 1),
    ]
