"""Core tables of the ledger, the one truth about what has been loaded. All times are UTC."""

from typing import Any, get_args

from sqlalchemy import Column, Computed, Index, MetaData, PrimaryKeyConstraint, Table
from sqlalchemy.dialects.mysql import BIGINT, CHAR, DATETIME, DOUBLE, ENUM, INTEGER, JSON, LONGBLOB, TEXT, VARCHAR

from millrace.contract.contract import VERSION_LENGTH
from millrace.record.event import Origin

WAITING_SECONDS = 15.0
"""A feed that has committed nothing for so long while records wait is waiting; it is called running no more."""
METADATA = MetaData()
JSON_ = JSON(none_as_null=True)
OPTIONS: dict[str, Any] = {
    "mysql_engine": "InnoDB",
    "mysql_default_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_0900_bin",
}


def _count(name: str, comment: str) -> Column[int]:
    return Column(name, BIGINT(), nullable=False, server_default="0", comment=comment)


def _counts() -> list[Column[int]]:
    return [
        _count("read_count", "records read = loaded + updated + duplicates + quarantined"),
        _count("loaded", "records that became a new row"),
        _count("updated", "records that replaced an older version of their key"),
        _count("duplicates", "records that changed nothing"),
        _count("quarantined", "records refused for the first time"),
    ]


def _origin() -> Column[str]:
    return Column("origin", ENUM(*get_args(Origin)), nullable=False, comment="what kind of source it is")


def _time(name: str, comment: str, nullable: bool = True) -> Column[Any]:
    return Column(name, DATETIME(fsp=3), nullable=nullable, comment=comment)


app_table = Table(
    "pipeline_app",
    METADATA,
    Column("app", VARCHAR(64), nullable=False, comment="name of the application"),
    Column("epoch", BIGINT(), nullable=False, comment="raised by every owner; an older one may write no more"),
    Column("owner", VARCHAR(190), nullable=False, comment="host and process of the owner"),
    Column("connection_id", BIGINT(), comment="the owner's connection that renews the lease"),
    _time("lease_until", "the owner is alive until then"),
    _time("started_at", "when this owner took over"),
    PrimaryKeyConstraint("app"),
    comment="Who may load: one owner per application",
    **OPTIONS,
)

feed_table = Table(
    "pipeline_feed",
    METADATA,
    Column("feed", VARCHAR(64), nullable=False, comment="name of the feed"),
    Column("topic", VARCHAR(249), nullable=False, comment="its Kafka topic"),
    Column("topic_uuid", CHAR(22), nullable=False, comment="id of that topic; a recreated topic has another"),
    _count("committed_load_id", "newest committed load; readers see rows up to it"),
    Column("end_offsets", JSON_, nullable=False, comment="per partition, the offset after the last committed record"),
    Column("latest_offsets", JSON_, comment="per partition, the topic's end when last looked at"),
    Column("contract_version", VARCHAR(VERSION_LENGTH), nullable=False, comment="version of the contract in use"),
    Column(
        "state",
        ENUM("starting", "running", "retrying", "stopped", "waiting"),
        nullable=False,
        comment="what the query does; waiting: records wait, and nothing is committed",
    ),
    Column("message", TEXT(), comment="why it waits, retries or stopped, one sentence"),
    *_counts(),
    _count("table_rows", "committed rows in the fact table"),
    Column("lag_records", BIGINT(), comment="records in the topic that are not committed yet"),
    Column("freshness_seconds", DOUBLE(), comment="age of the oldest record not committed yet, 0 when there is none"),
    _time("updated_at", "last change of this row", nullable=False),
    PrimaryKeyConstraint("feed"),
    comment="One row per feed: how far it is, how it is, and its totals",
    **OPTIONS,
)

load_table = Table(
    "pipeline_load",
    METADATA,
    Column("load_id", BIGINT(), nullable=False, autoincrement=True, comment="number of the load, rising"),
    Column("app", VARCHAR(64), nullable=False, comment="application that loads"),
    Column("epoch", BIGINT(), nullable=False, comment="its owner's epoch"),
    Column("feed", VARCHAR(64), nullable=False, comment="feed that is loaded"),
    Column("topic_uuid", CHAR(22), nullable=False, comment="id of the topic it was read from"),
    Column("start_offsets", JSON_, nullable=False, comment="per partition, the first offset read"),
    Column("end_offsets", JSON_, nullable=False, comment="per partition, the offset after the last one read"),
    Column(
        "contract_version",
        VARCHAR(VERSION_LENGTH),
        nullable=False,
        comment="version of the contract it was cleaned with",
    ),
    Column("state", ENUM("pending", "committed", "undone"), nullable=False, comment="pending rows are seen by nobody"),
    *_counts(),
    _time("oldest_sent_at", "when its oldest record was sent"),
    _time("newest_sent_at", "when its newest record was sent"),
    _time("started_at", "when it began", nullable=False),
    _time("finished_at", "when it was committed or undone"),
    Column("first_load_id", BIGINT(), comment="of a row that is the sum of several loads: the first of them"),
    Column("loads", BIGINT(), nullable=False, server_default="1", comment="loads that it is the sum of"),
    PrimaryKeyConstraint("load_id"),
    Index("pipeline_load_feed", "feed", "state"),
    Index("pipeline_load_finished", "finished_at"),
    comment="One row per load: a range of offsets that is committed as a whole or undone",
    **OPTIONS,
)

load_partition = Table(
    "pipeline_load_partition",
    METADATA,
    Column("load_id", BIGINT(), nullable=False, comment="the committed load"),
    Column("kafka_partition", INTEGER(), nullable=False, comment="a partition that the load went on in"),
    Column("feed", VARCHAR(64), nullable=False, comment="its feed"),
    Column("topic_uuid", CHAR(22), nullable=False, comment="id of the topic it was read from"),
    _count("read_count", "records read there"),
    _count("gaps", "offsets that held no record: marks of transactions, aborted, deleted or compacted records"),
    Column("last_offset", BIGINT(), comment="the last record read there"),
    Column("last_digest", CHAR(16), comment="digest of that record's time and bytes"),
    PrimaryKeyConstraint("load_id", "kafka_partition"),
    Index("pipeline_load_partition_mark", "feed", "topic_uuid", "kafka_partition", "load_id"),
    comment="What each committed load read of each partition, and what identifies its last record there",
    **OPTIONS,
)

jump = Table(
    "pipeline_jump",
    METADATA,
    Column("jump_id", BIGINT(), nullable=False, autoincrement=True, comment="number of the jump, rising"),
    Column("feed", VARCHAR(64), nullable=False, comment="the feed"),
    Column("topic_uuid", CHAR(22), nullable=False, comment="id of the topic that it goes on in"),
    Column("kafka_partition", INTEGER(), nullable=False, comment="the partition"),
    Column(
        "kind",
        ENUM("cut", "dropped", "renewed"),
        nullable=False,
        comment="cut: the topic no longer holds what was loaded last; dropped: it no longer holds what comes next; "
        "renewed: it is another topic",
    ),
    Column("from_offset", BIGINT(), nullable=False, comment="where the ledger ended"),
    Column("to_offset", BIGINT(), nullable=False, comment="where it goes on"),
    Column("typed_from", BIGINT(), comment="from here on typed records are others than those loaded before"),
    Column("load_id", BIGINT(), nullable=False, comment="the feed's newest committed load then"),
    _time("found_at", "when it was found", nullable=False),
    PrimaryKeyConstraint("jump_id"),
    Index("pipeline_jump_feed", "feed", "topic_uuid"),
    comment="Where a feed's offsets do not follow each other, and why",
    **OPTIONS,
)

load_source = Table(
    "pipeline_load_source",
    METADATA,
    Column("load_id", BIGINT(), nullable=False, comment="the committed load"),
    Column("source_id", BIGINT(), nullable=False, comment="a source it had records of"),
    _origin(),
    *_counts(),
    PrimaryKeyConstraint("load_id", "source_id"),
    Index("pipeline_load_source_source", "source_id"),
    comment="The counts of each committed load, per source",
    **OPTIONS,
)

source = Table(
    "pipeline_source",
    METADATA,
    Column("feed", VARCHAR(64), nullable=False, comment="its feed"),
    Column("source_id", BIGINT(), nullable=False, autoincrement=False, comment="the source"),
    _origin(),
    *_counts(),
    Column("load_id", BIGINT(), nullable=False, comment="newest load that had records of it"),
    Column("version", BIGINT(), comment="newest that its records named: greater is later; NULL: none did"),
    _time("newest_sent_at", "when its newest record was sent"),
    PrimaryKeyConstraint("feed", "source_id"),
    comment="The counts of each source over all committed loads",
    **OPTIONS,
)

replaced = Table(
    "pipeline_replaced",
    METADATA,
    Column("source_id", BIGINT(), nullable=False, autoincrement=False, comment="the source whose rows were taken out"),
    Column("feed", VARCHAR(64), nullable=False, comment="its feed"),
    Column("replaced_by", BIGINT(), nullable=False, comment="the source that took its place"),
    _time("replaced_at", "when that one's first record was sent", nullable=False),
    Column("load_id", BIGINT(), nullable=False, comment="the load that did it: rows of it and older ones have left"),
    _count("version", "of the source that took its place; it counts again in a greater one"),
    PrimaryKeyConstraint("feed", "source_id"),
    comment="Sources that a newer version has replaced, also those that came back",
    **OPTIONS,
)

quarantine = Table(
    "quarantine",
    METADATA,
    Column("source_id", BIGINT(), nullable=False, comment="identity: where the record is from"),
    Column("row_no", BIGINT(), nullable=False, comment="identity: its number there"),
    Column("feed", VARCHAR(64), nullable=False, comment="feed that refused it"),
    Column("load_id", BIGINT(), nullable=False, comment="the load that refused it"),
    Column("topic", VARCHAR(249), nullable=False, comment="Kafka topic"),
    Column("kafka_partition", INTEGER(), nullable=False, comment="partition"),
    Column("kafka_offset", BIGINT(), nullable=False, comment="offset"),
    Column("raw", LONGBLOB(), comment="the record's bytes as they stood in Kafka"),
    Column("reasons", JSON_, nullable=False, comment="every reason: column, value, reason"),
    _time("sent_at", "when the producer sent it"),
    _time("quarantined_at", "when it was refused", nullable=False),
    Column("resolved_load_id", BIGINT(), comment="the later load that took it in"),
    _time("resolved_at", "when that load was committed"),
    Column("raw_length", INTEGER(), Computed("OCTET_LENGTH(raw)", persisted=False), comment="bytes that raw has"),
    Column("cut_from", BIGINT(), comment="bytes that the record had, where raw keeps the first of them only"),
    PrimaryKeyConstraint("feed", "source_id", "row_no", "load_id"),
    Index("quarantine_load", "load_id"),
    Index("quarantine_feed", "feed", "resolved_load_id", "quarantined_at"),
    Index("quarantine_size", "feed", "resolved_load_id", "load_id", "raw_length"),
    comment="Records that were refused, with every reason",
    **OPTIONS,
)

sample = Table(
    "pipeline_sample",
    METADATA,
    Column("feed", VARCHAR(64), nullable=False, comment="the feed"),
    Column("sampled_at", DATETIME(), nullable=False, comment="when it was looked at"),
    Column("lag_records", BIGINT(), nullable=False, comment="records in the topic that were not committed yet"),
    Column("freshness_seconds", DOUBLE(), comment="age of the oldest record not committed yet, 0 when there was none"),
    PrimaryKeyConstraint("feed", "sampled_at"),
    comment="Lag and freshness of each feed every ten seconds, kept for seven days",
    **OPTIONS,
)

LEDGER_TABLES = (
    *(app_table, feed_table, load_table, load_partition, jump),
    *(load_source, source, replaced, quarantine, sample),
)
