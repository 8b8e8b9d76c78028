"""The refused records of a feed, as the quarantine has them."""

from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, text

OPEN_OF_FEED = "SELECT COUNT(*) FROM v_quarantine WHERE resolved_at IS NULL AND (:feed IS NULL OR feed = :feed)"


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
    cut_from: int | None = None
    """Bytes that the record had, where `raw` has the first of them only, see sql.upkeep.refusals."""


def count_rejected(connection: Connection, feed: str | None) -> int:
    """How many committed rejects are not yet resolved."""
    return int(connection.execute(text(OPEN_OF_FEED), {"feed": feed}).scalar_one())


def count_cut(connection: Connection, feed: str) -> int:
    """Of how many of them only the first bytes are left."""
    cut = text(f"{OPEN_OF_FEED} AND cut_from IS NOT NULL")
    return int(connection.execute(cut, {"feed": feed}).scalar_one())


def read_rejected(connection: Connection, feed: str | None, limit: int) -> list[Rejected]:
    """The newest committed rejects that are not yet resolved."""
    rows = connection.execute(
        text(
            "SELECT feed, source_id, row_no, quarantined_at, topic, kafka_partition, kafka_offset, reasons, raw,"
            " cut_from FROM v_quarantine WHERE resolved_at IS NULL AND (:feed IS NULL OR feed = :feed)"
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
            cut_from=row.cut_from,
        )
        for row in rows
    ]
