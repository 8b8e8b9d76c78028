"""The load guard against a real MySQL: one truncation among seventy thousand duplicates fails the whole load."""

import json
from collections.abc import Iterator
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest
from sqlalchemy import Engine, text

from millrace.contract.contract import load_contract
from millrace.settings import Settings
from spark.decode.record_fields import Reader
from spark.load.load_data import LoadMismatch
from spark.load.load_task import LoadTask
from spark.load.reads import load_read
from spark.load.row_spool import COUNTS
from sql.engine import connect
from sql.errors import ZombieLoad
from sql.ledger.commit import LoadRead
from sql.ledger.ledger import Ledger
from tests.lab.ledger.scratch import DATABASE, made_anew
from tests.unit.spark.records import OLDER

FEED = "insurance_network"
CONTRACT = load_contract(FEED)
UUID = "guardguardguardguardgA"
MANY = 70_000
ROW = {
    "business_year": 2014,
    "state_code": "AK",
    "issuer_id": 21989,
    "imported_at": datetime(2014, 3, 19, 7, 6),
    "network_name": "tab\t, back\\slash, \\N, quote', 😀, nul\0",
    "network_id": "AKN001",
}


@pytest.fixture(scope="module")
def settings() -> Iterator[Settings]:
    """The scratch database with the project's schema and nothing in it, dropped afterwards."""
    there = made_anew()
    yield there
    outside = connect(there.model_copy(update={"mysql_database": "information_schema"}))
    with outside.begin() as connection:
        connection.execute(text(f"DROP DATABASE {DATABASE}"))
    outside.dispose()


@pytest.fixture(scope="module")
def ledger(settings: Settings) -> Iterator[Ledger]:
    made = Ledger(settings)
    made.take_epoch()
    made.open_feed(FEED, UUID, CONTRACT.version)
    yield made
    made.release()


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    made = connect(settings)
    yield made
    made.dispose()


CLAIMED = {"version": pa.int64(), "replaces": pa.string()}


def cleaned(numbers: range, source: int = 1, **other: object) -> pa.RecordBatch:
    """Cleaned rows as spark.clean.clean_batch gives them; `other` replaces values of the last row."""
    sent = {"sent_at": datetime(2026, 1, 1), "is_ahead": False, "origin": "file"}
    good = ROW | {"source_id": source, "kafka_partition": 0} | sent
    rows = [good | {"row_no": number, "kafka_offset": number} for number in numbers]
    rows[-1] |= other
    names = (
        "kafka_partition",
        "kafka_offset",
        "source_id",
        "row_no",
        "sent_at",
        "is_ahead",
        *CLAIMED,
        "origin",
        *CONTRACT.names,
    )
    columns = {name: pa.array([row.get(name) for row in rows]) for name in (*names, "extra", "reasons", "raw_hex")}
    return pa.record_batch(columns | {name: pa.nulls(len(rows), kind) for name, kind in CLAIMED.items()})


def begin(ledger: Ledger, count: int) -> int:
    start = ledger.committed_offsets(FEED).get(0, 0)
    return ledger.begin_load(FEED, UUID, {0: start}, {0: start + count}, CONTRACT.version)


def load(settings: Settings, ledger: Ledger, load_id: int, batch: pa.RecordBatch) -> list[pa.RecordBatch]:
    task = LoadTask(settings, ledger.app, ledger.epoch, Reader(CONTRACT, UUID, 1, OLDER))
    return task.load(load_id, [batch])


def read(counts: list[pa.RecordBatch]) -> LoadRead:
    rows: Any = [SimpleNamespace(**row) for row in pa.Table.from_batches(counts, COUNTS).to_pylist()]
    return load_read(CONTRACT, rows, [])


def rows_of(engine: Engine, load_id: int) -> int:
    with engine.connect() as connection:
        return int(connection.scalar(text(f"SELECT COUNT(*) FROM {FEED} WHERE load_id = {load_id}")) or 0)


def test_awkward_texts_arrive_as_they_were(settings: Settings, ledger: Ledger, engine: Engine) -> None:
    load_id = begin(ledger, 3)
    refused = {"reasons": '[{"column": null, "value": "\\t", "reason": "it\'s \\"bad\\""}]', "raw_hex": "00FF5C0A09"}
    counts = ledger.commit_load(
        load_id, read(load(settings, ledger, load_id, cleaned(range(3), source=9, network_name="", **refused)))
    )
    with engine.connect() as connection:
        names = connection.scalars(text(f"SELECT network_name FROM {FEED} WHERE source_id = 9")).all()
        raw, reasons = connection.execute(text("SELECT raw, reasons FROM quarantine WHERE source_id = 9")).one()
    assert names == [ROW["network_name"]] * 2
    assert raw == b"\0\xff\\\n\t"
    assert json.loads(reasons) == [{"column": None, "value": "\t", "reason": 'it\'s "bad"'}]
    assert (counts.read, counts.loaded, counts.quarantined) == (3, 2, 1)


def test_a_truncation_among_seventy_thousand_duplicates_fails_the_load(
    settings: Settings, ledger: Ledger, engine: Engine
) -> None:
    first = begin(ledger, MANY)
    counts = ledger.commit_load(first, read(load(settings, ledger, first, cleaned(range(MANY)))))
    assert (counts.loaded, counts.duplicates) == (MANY, 0)

    second = begin(ledger, MANY + 1)
    with pytest.raises(LoadMismatch) as caught:
        load(settings, ledger, second, cleaned(range(MANY + 1), state_code="Alaska"))
    assert str(caught.value).startswith(
        f"{FEED}: {MANY + 1} rows were written, and the server reports {MANY + 1} records, "
        f"{MANY} duplicates and {MANY + 1} warnings ("
    )
    assert (rows_of(engine, first), rows_of(engine, second)) == (MANY, 0)
    assert ledger.undo_pending(FEED) == [second]

    third = begin(ledger, MANY)
    counts = ledger.commit_load(third, read(load(settings, ledger, third, cleaned(range(MANY)))))
    assert (counts.loaded, counts.duplicates) == (0, MANY)


def test_a_task_that_is_repeated_changes_nothing(settings: Settings, ledger: Ledger) -> None:
    load_id = begin(ledger, 50)
    counts = [load(settings, ledger, load_id, cleaned(range(50), source=3)) for _ in range(2)]
    assert ledger.commit_load(load_id, read(counts[0])).loaded == 50


def test_a_zombie_finds_its_load_gone(settings: Settings, ledger: Ledger, engine: Engine) -> None:
    load_id = begin(ledger, 5)
    ledger.undo_pending(FEED)
    with pytest.raises(ZombieLoad):
        load(settings, ledger, load_id, cleaned(range(5), source=4))
    assert rows_of(engine, load_id) == 0
