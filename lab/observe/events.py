"""What has happened to the lab, as the ledger has it."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, text

from lab.sentences import status as sentences
from millrace.errors import Refused

AGE = re.compile(r"(\d+)\s*(m|h|d)")
UNITS = {"m": "minutes", "h": "hours", "d": "days"}
NEWEST = (
    "SELECT at, kind, feed, severity, records, message FROM v_event"
    " WHERE (:feed IS NULL OR feed = :feed) AND at >= :since ORDER BY event_id DESC LIMIT :limit"
)


@dataclass(frozen=True)
class Happened:
    """One event; `at` is UTC, `feed` is empty where it is of the whole lab, `records` None where it is of none."""

    at: str
    kind: str
    feed: str
    severity: str
    records: int | None
    message: str


def read_events(connection: Connection, feed: str | None, since: datetime, limit: int) -> list[Happened]:
    """The newest of them, the newest first."""
    values = {"feed": feed, "since": since, "limit": limit}
    rows = connection.execute(text(NEWEST), values)
    return [Happened(row.at.isoformat(" ", "milliseconds"), *row[1:]) for row in rows]


def moment(asked: str | None, now: datetime) -> datetime:
    """What SINCE means, as UTC without a zone: 90m, 2h, 7d ago, or a date with or without a time (UTC)."""
    if asked is None:
        return datetime.min.replace(year=1970)
    if found := AGE.fullmatch(asked.strip()):
        return now.astimezone(UTC).replace(tzinfo=None) - timedelta(**{UNITS[found[2]]: min(int(found[1]), 10**6)})
    try:
        given = datetime.fromisoformat(asked.strip())
    except ValueError:
        raise Refused(sentences.SINCE.format(asked=asked)) from None
    return given.astimezone(UTC).replace(tzinfo=None) if given.tzinfo else given
