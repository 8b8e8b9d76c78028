"""SQLAlchemy Core tables of the feeds, built from their contracts. sql/evolve makes them in the database.

A contract's tables are made once: SQLAlchemy remembers the text of a statement by the tables it names.
"""

from collections.abc import Iterable
from functools import cache
from typing import Any

from sqlalchemy import Column, Index, MetaData, PrimaryKeyConstraint, Table
from sqlalchemy.dialects.mysql import BIGINT, DATETIME, INTEGER, JSON

from millrace.contract.contract import Contract, all_contracts
from millrace.contract.rollup import Rollup
from millrace.errors import Refused
from sql.schema.batch_tables import BATCH_TABLES
from sql.schema.contract_table import contract as contract_table
from sql.schema.dimension_tables import DIMENSION_TABLES
from sql.schema.event_table import event as event_table
from sql.schema.ledger_tables import LEDGER_TABLES
from sql.schema.mysql_types import mysql_type
from sql.schema.request_tables import REQUEST_TABLES

# Binary collation: two keys that differ in case or accent are two keys, and sorting costs least.
OPTIONS: dict[str, Any] = {
    "mysql_engine": "InnoDB",
    "mysql_default_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_0900_bin",
}


@cache
def fact_table(contract: Contract) -> Table:
    """The feed's rows. Append: one per (source_id, row_no). Upsert: the newest per key of the contract."""
    feed = contract.feed
    if contract.mode == "append":
        keys: list[Any] = [PrimaryKeyConstraint("source_id", "row_no"), Index(f"{feed}_load", "load_id")]
    else:
        keys = [
            PrimaryKeyConstraint(*contract.key),
            Index(f"{feed}_load", "load_id"),
            Index(f"{feed}_source", "source_id", "row_no"),
        ]
    columns = [*_identity(), _load_id(), *_typed(contract), *_envelope(), *keys]
    return Table(feed, MetaData(), *columns, comment=contract.description, **OPTIONS)


@cache
def staging_table(contract: Contract) -> Table:
    """Records of pending loads of an upsert feed, in the order of the topic, until the commit merges them."""
    columns = [
        _load_id(),
        Column("kafka_partition", INTEGER(), nullable=False, comment="partition the record came from"),
        Column("kafka_offset", BIGINT(), nullable=False, comment="its offset there"),
        *_identity(),
        *_typed(contract),
        *_envelope(),
        PrimaryKeyConstraint("load_id", "kafka_partition", "kafka_offset"),
    ]
    comment = f"Records of {contract.feed} in a load that is not committed yet"
    return Table(f"{contract.feed}_staging", MetaData(), *columns, comment=comment, **OPTIONS)


@cache
def rollup_table(contract: Contract, rollup: Rollup) -> Table:
    """Sums per key of the rollup, changed only in the transaction that commits a load."""
    count_measure(rollup)
    columns: list[Column[Any]] = []
    for key in rollup.by:
        column = contract.column(key) if isinstance(key, str) else key
        columns.append(Column(column.name, mysql_type(column.column_type), nullable=False, comment=column.comment))
    for measure in rollup.measures:
        kind = mysql_type(measure.column_type)
        columns.append(Column(measure.name, kind, nullable=False, comment=measure.comment))
    key_ = PrimaryKeyConstraint(*rollup.key_names)
    return Table(rollup.name, MetaData(), *columns, key_, comment=rollup.comment, **OPTIONS)


def load_target(contract: Contract) -> Table:
    """Where executors load the feed's good records: the fact table, or the staging table of an upsert feed."""
    return fact_table(contract) if contract.mode == "append" else staging_table(contract)


@cache
def load_target_columns(contract: Contract) -> tuple[str, ...]:
    """The columns of `load_target`, in its order."""
    return tuple(column.name for column in load_target(contract).columns)


def count_measure(rollup: Rollup) -> str:
    """The measure that counts a key's rows; without one nobody could tell that a key has lost its last row."""
    for measure in rollup.measures:
        if measure.sum.strip() == "1":
            return measure.name
    raise Refused(f'Rollup {rollup.name} counts no rows; give it a measure with sum: "1" in its contract.')


def build_metadata(contracts: Iterable[Contract] | None = None) -> MetaData:
    """The whole schema: the ledger, the places, what batch jobs fill, and every feed's facts, staging and rollups."""
    metadata = MetaData()
    for table in (*LEDGER_TABLES, *DIMENSION_TABLES, *BATCH_TABLES, *REQUEST_TABLES, contract_table, event_table):
        table.to_metadata(metadata)
    for contract in all_contracts().values() if contracts is None else contracts:
        for table in feed_tables(contract):
            table.to_metadata(metadata)
    return metadata


def feed_tables(contract: Contract) -> list[Table]:
    """The tables one contract asks for, facts first."""
    staging = [staging_table(contract)] if contract.mode == "upsert" else []
    return [fact_table(contract), *staging, *(rollup_table(contract, rollup) for rollup in contract.rollups)]


def _identity() -> list[Column[Any]]:
    return [
        Column("source_id", BIGINT(), nullable=False, comment="identity: 63-bit digest of where the record is from"),
        Column("row_no", BIGINT(), nullable=False, comment="identity: the record's number in its source, from 1"),
    ]


def _load_id() -> Column[Any]:
    return Column("load_id", BIGINT(), nullable=False, comment="the load that brought the row, see pipeline_load")


def _typed(contract: Contract) -> list[Column[Any]]:
    columns = [contract.column(name) for name in contract.names]
    return [Column(c.name, mysql_type(c.column_type), nullable=not c.required, comment=c.comment) for c in columns]


def _envelope() -> list[Column[Any]]:
    return [
        Column("extra", JSON(), comment="columns the contract does not know, as they stood"),
        Column("sent_at", DATETIME(fsp=3), comment="when the producer sent it, UTC"),
    ]
