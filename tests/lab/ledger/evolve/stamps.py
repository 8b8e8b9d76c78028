"""A small feed whose contract changes: its contracts, its tables, rows that the stream would have left."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine

from millrace.contract.contract import Contract
from sql.engine import connect
from sql.evolve.evolve import evolve
from sql.ledger.rollup import differences
from tests.lab.ledger.scratch import Scratch, account

FEED = "toy_stamp"
COUNTRY = {"from": "Country", "name": "country", "type": "varchar(20)", "comment": "Where it was printed"}
VALUE = {"from": "Value", "name": "value", "type": "int", "required": True, "comment": "Cents"}
PRICE = {"from": "Price", "name": "price", "type": "decimal(10,2)", "comment": "100 % of Euro's"}
STAMPS = {"name": "stamps", "type": "bigint", "sum": "1", "comment": "Stamps"}
CENTS = {"name": "cents", "type": "bigint", "sum": "value", "comment": "Cents"}
BY_COUNTRY = {"name": "toy_stamp_by_country", "comment": "Stamps per country", "by": ["country"], "measures": [STAMPS]}
UPSERT = {"mode": "upsert", "key": ["value"], "newest_by": "value"}


def stamp(*columns: dict[str, Any], rollups: list[dict[str, Any]] | None = None, **more: Any) -> Contract:
    given = {
        "feed": FEED,
        "title": "Stamps",
        "description": "Stamps of a collection",
        "family": "toy",
        "mode": "append",
    }
    content = {
        "columns": list(columns or (COUNTRY, VALUE, PRICE)),
        "rollups": [BY_COUNTRY] if rollups is None else rollups,
    }
    return Contract.model_validate(given | content | more)


@pytest.fixture
def stamps(scratch: Scratch) -> Iterator[Engine]:
    """The database without the feed before and after; no stream has the lease."""
    engine = connect(account("migrate"))
    yield engine
    scratch.run(f"DROP VIEW IF EXISTS v_{FEED}")
    for name in scratch.rows(f"SHOW TABLES LIKE '{FEED}%'"):
        scratch.run(f"DROP TABLE {name[0]}")
    scratch.run(f"DELETE FROM pipeline_contract WHERE feed = '{FEED}'")
    engine.dispose()


def change(engine: Engine, contract: Contract) -> list[str]:
    """What was done; a second time there is nothing to do, and the rollups fit."""
    done = evolve(engine, {FEED: contract})
    assert evolve(engine, {FEED: contract}) == []
    with engine.connect() as connection:
        assert differences(connection, contract) == {}
    return done


def fill(scratch: Scratch, rows: int = 3) -> None:
    """Committed rows of load 1, as the stream would have left them, and one more that is committed by nobody."""
    scratch.run(
        "INSERT INTO pipeline_feed (feed, topic, topic_uuid, committed_load_id, end_offsets, contract_version, state,"
        f" updated_at) VALUES ('{FEED}', 't', 'u', 1, '{{}}', 'x', 'running', NOW(3))"
    )
    for row in range(1, rows + 1):
        extra = f'{{"Colour": "red", "Row": "{row}"}}'
        scratch.run(
            f"INSERT INTO {FEED} (source_id, row_no, load_id, country, value, extra)"
            f" VALUES (1, {row}, 1, 'C{row % 2}', {row * 10}, '{extra}')"
        )
    scratch.run(
        f"INSERT INTO {FEED}_by_country (country, stamps) SELECT country, COUNT(*) FROM {FEED} GROUP BY country"
    )


@pytest.fixture
def filled(stamps: Engine, scratch: Scratch) -> Engine:
    change(stamps, stamp())
    fill(scratch)
    return stamps


def definition(scratch: Scratch, name: str) -> str:
    return str(scratch.rows(f"SHOW CREATE TABLE {name}")[0][1])


def columns(scratch: Scratch, name: str = FEED) -> list[str]:
    return [row[0] for row in scratch.rows(f"SHOW COLUMNS FROM {name}")]
