"""What has happened to the lab: noted where it is noticed, kept for 30 days, for people to look at afterwards."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from sqlalchemy import Connection, delete, exists, func, insert, select, text, update

from sql.schema.event_table import event

State = Literal["running", "waiting", "retrying", "stopped"]
OfTopic = Literal["cut", "dropped", "renewed"]
Kind = Literal[
    State,
    OfTopic,
    "started",
    "ended",
    "restarted",
    "lost",
    "back",
    "executors",
    "refused",
    "ahead",
    "replaced",
    "replayed",
    "reset",
    "contract",
    "migrated",
]
"""started, ended: the application. restarted, lost, back: a service, as the application sees it."""

SHOWN_FOR_A_DAY = (*get_args(OfTopic), "ahead")
SUMMED = ("refused", "ahead")
"""Kinds that come with records, of which any number may follow each other."""

MOST_EVENTS = 100_000
"""What fails again and again may not fill the disk, however often it says so."""
PIECE = 1000
"""Rows per transaction: short enough that nobody waits for its locks."""
TOO_OLD = text("NOW(3) - INTERVAL 30 DAY")
A_DAY = text("NOW(3) - INTERVAL 1 DAY")
AN_HOUR = text("NOW(3) - INTERVAL 1 HOUR")
NUMBER = re.compile(r"\d+")


@dataclass(frozen=True)
class LabEvent:
    """What has happened to a feed, or to the whole lab."""

    kind: Kind
    message: str
    feed: str | None = None
    records: int | None = None
    is_trouble: bool = False


def note(connection: Connection, happened: LabEvent) -> None:
    """Note it now, in the open transaction, once: a state that a feed has already is no news.

    What is SUMMED is one event per feed and hour.
    """
    if happened.kind in get_args(State) and not _is_news(connection, happened):
        return
    if happened.kind in SUMMED and _add(connection, happened):
        return
    connection.execute(
        insert(event).values(
            at=func.now(3),
            kind=happened.kind,
            feed=happened.feed,
            severity="trouble" if happened.is_trouble else "tells",
            records=happened.records,
            message=happened.message,
        )
    )


def of_a_day(connection: Connection) -> list[LabEvent]:
    """What is told for a day: the newest of each kind of a feed, and none from before its reset."""
    of, later = event.c, event.alias("later")
    is_old = exists().where(
        later.c.feed == of.feed, later.c.event_id > of.event_id, later.c.kind.in_(["reset", of.kind])
    )
    query = select(event).where(of.kind.in_(SHOWN_FOR_A_DAY), of.at > A_DAY, ~is_old).order_by(of.feed, of.kind)
    return [
        LabEvent(row.kind, row.message, row.feed, row.records, row.severity == "trouble")
        for row in connection.execute(query)
    ]


def prune(connection: Connection) -> int:
    """Take out some of what is older than 30 days, or more than MOST_EVENTS; how many events left."""
    newest = connection.scalar(select(func.coalesce(func.max(event.c.event_id), 0))) or 0
    gone = 0
    for is_old in (event.c.at < TOO_OLD, event.c.event_id <= newest - MOST_EVENTS):
        gone += connection.execute(delete(event).where(is_old).with_dialect_options(mysql_limit=PIECE)).rowcount
    return gone


def _is_news(connection: Connection, happened: LabEvent) -> bool:
    """Whether the feed was in another state, or says something else than before but for its numbers.

    What a feed says while it waits changes all the time.
    """
    of, states = event.c, get_args(State)
    last = select(of.kind, of.message).where(of.feed == happened.feed, of.kind.in_(states))
    row = connection.execute(last.order_by(of.event_id.desc()).limit(1)).one_or_none()
    if row is None or row.kind != happened.kind:
        return True
    return happened.kind != "waiting" and _shape(row.message) != _shape(happened.message)


def _shape(message: str) -> Sequence[str]:
    return NUMBER.split(message)


def _add(connection: Connection, happened: LabEvent) -> bool:
    """Whether there was an event of this hour that the records could be added to."""
    of = event.c
    newest = select(of.event_id).where(of.feed == happened.feed, of.kind == happened.kind, of.at > AN_HOUR)
    known = connection.scalar(newest.order_by(of.event_id.desc()).limit(1))
    if known is None:
        return False
    more = {"records": of.records + (happened.records or 0), "message": happened.message}
    connection.execute(update(event).where(of.event_id == known).values(more))
    return True
