"""What producers report to people as long as it is so: kept in MySQL, so that every screen sees it."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, select
from sqlalchemy.dialects.mysql import insert

from sql import events
from sql.schema.request_tables import notice

TOPIC = "topic"
"""The place of what has happened to a feed's topic: it is over, so it is told for a day."""


@dataclass(frozen=True)
class Notice:
    """One sentence about a feed. kind: tells, waits, or trouble for a person to mend."""

    feed: str
    place: str
    name: str
    kind: str
    message: str


def report(connection: Connection, feed: str, place: str, notices: Iterable[Notice]) -> None:
    """These are all the notices of that place now; one that stands already keeps its time."""
    standing = list(notices)
    old = delete(notice).where(notice.c.feed == feed, notice.c.place == place)
    connection.execute(old.where(notice.c.name.not_in([each.name for each in standing])) if standing else old)
    for each in standing:
        new = insert(notice).values(**vars(each), told_at=func.now(3))
        connection.execute(new.on_duplicate_key_update(kind=each.kind, message=each.message))


def all_notices(connection: Connection) -> list[Notice]:
    """Every notice that holds now, and what has happened to topics within a day; feed by feed."""
    columns = (notice.c.feed, notice.c.place, notice.c.name, notice.c.kind, notice.c.message)
    found = [Notice(*row) for row in connection.execute(select(*columns))]
    for each in events.of_a_day(connection):
        found.append(Notice(each.feed or "", TOPIC, each.kind, "trouble" if each.is_trouble else "tells", each.message))
    return sorted(found, key=lambda each: (each.feed, each.place, each.name))
