"""The refused records of a feed, as the quarantine has them."""

from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, text


@dataclass(frozen=True)
class Rejected:
    """One refused record: where it came from and each reason (column, value, reason)."""

    feed: str
    source: int
    row: int
    quarantined_at: str
    topic: str
    partition: int
    offset: int
    reasons: list[dict[str, Any]]
    raw: str


def count_rejected(connection: Connection, feed: str | None) -> int:
    """How many committed rejects are not yet resolved."""
    counted = connection.execute(
        text("SELECT COUNT(*) FROM v_quarantine WHERE resolved_at IS NULL AND (:feed IS NULL OR feed = :feed)"),
        {"feed": feed},
    )
    return int(counted.scalar_one())


def read_rejected(connection: Connection, feed: str | None, limit: int) -> list[Rejected]:
    """The newest committed rejects that are not yet resolved."""
    rows = connection.execute(
        text(
            "SELECT feed, source_id, row_no, quarantined_at, topic, kafka_partition, kafka_offset, reasons, raw"
            " FROM v_quarantine WHERE resolved_at IS NULL AND (:feed IS NULL OR feed = :feed)"
            " ORDER BY quarantined_at DESC, source_id, row_no LIMIT :limit"
        ),
        {"feed": feed, "limit": limit},
    )
    return [
        Rejected(
            feed=row.feed,
            source=row.source_id,
            row=row.row_no,
            quarantined_at=str(row.quarantined_at),
            topic=row.topic,
            partition=row.kafka_partition,
            offset=row.kafka_offset,
            reasons=row.reasons if isinstance(row.reasons, list) else orjson.loads(row.reasons),
            raw=bytes(row.raw or b"").decode("utf-8", "backslashreplace"),
        )
        for row in rows
    ]
