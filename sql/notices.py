"""What producers and the stream report to people: kept in MySQL, so that every screen sees it."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, or_, select, text
from sqlalchemy.dialects.mysql import insert

from sql.schema.request_tables import notice

TOPIC = "topic"
"""The place of what has happened to a feed's topic: it is over, so it is told for a day."""
SINCE = text("NOW(3) - INTERVAL 1 DAY")


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
    told = list(notices)
    old = delete(notice).where(notice.c.feed == feed, notice.c.place == place)
    connection.execute(old.where(notice.c.name.not_in([each.name for each in told])) if told else old)
    for each in told:
        new = insert(notice).values(**vars(each), told_at=func.now(3))
        connection.execute(new.on_duplicate_key_update(kind=each.kind, message=each.message))


def report_event(connection: Connection, each: Notice) -> None:
    """Tell for a day what has happened, in place of the last of its name."""
    new = insert(notice).values(**vars(each), told_at=func.now(3))
    connection.execute(new.on_duplicate_key_update(kind=each.kind, message=each.message, told_at=func.now(3)))


def all_notices(connection: Connection) -> list[Notice]:
    """Every notice that holds now, feed by feed."""
    columns = (notice.c.feed, notice.c.place, notice.c.name, notice.c.kind, notice.c.message)
    holds = or_(notice.c.place != TOPIC, notice.c.told_at > SINCE)
    rows = connection.execute(select(*columns).where(holds).order_by(notice.c.feed, notice.c.place, notice.c.name))
    return [Notice(*row) for row in rows]
