"""`make quarantine`: what was refused and why."""

from dataclasses import asdict, dataclass
from typing import Annotated, Any

import orjson
import typer
from sqlalchemy import Connection, text

from feeds.contract import load_contract
from lab import words
from lab.access import settings, warehouse
from lab.screen import print_json, say, table

SHOWN_VALUE = 60


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


def quarantine(
    feed: Annotated[str | None, typer.Option("--feed", help="of this feed only")] = None,
    limit: Annotated[int, typer.Option(min=1, help="how many of the newest")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="all reasons and the raw record")] = False,
) -> None:
    """Shows the records that did not fit their contract: column, value and reason of each."""
    wanted = load_contract(feed).feed if feed else None
    with warehouse(settings()) as connection:
        total, rejected = count_rejected(connection, wanted), read_rejected(connection, wanted, limit)
    if as_json:
        print_json({"total": total, "records": [asdict(record) for record in rejected]})
    elif rejected:
        show(rejected, total)
    else:
        say(words.NOTHING_IN_QUARANTINE_OF.format(feed=wanted) if wanted else words.NOTHING_IN_QUARANTINE)


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
            row.feed,
            row.source_id,
            row.row_no,
            str(row.quarantined_at),
            row.topic,
            row.kafka_partition,
            row.kafka_offset,
            row.reasons if isinstance(row.reasons, list) else orjson.loads(row.reasons),
            bytes(row.raw or b"").decode("utf-8", "backslashreplace"),
        )
        for row in rows
    ]


def show(rejected: list[Rejected], total: int) -> None:
    """One line per reason; the record's place is told once."""
    rows: list[list[object]] = []
    for record in rejected:
        for position, reason in enumerate(record.reasons or [{}]):
            place = [record.quarantined_at[:19], record.feed, str(record.row)] if position == 0 else ["", "", ""]
            rows.append([*place, reason.get("column"), shortened(reason.get("value")), reason.get("reason")])
    table("Quarantine", ["when (UTC)", "feed", "row", "column", "value", "reason"], rows, right=["row"])
    if total > len(rejected):
        say(words.QUARANTINE_MORE.format(shown=len(rejected), total=total))


def shortened(value: object) -> str | None:
    """A value that fits its column; white space shown as one space."""
    if value is None:
        return None
    flat = " ".join(str(value).split())
    return flat if len(flat) <= SHOWN_VALUE else f"{flat[: SHOWN_VALUE - 1]}…"
