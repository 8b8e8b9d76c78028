"""What the kafka machine asks the stream for: a feed switched on or off, a feed that starts over."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, select, update
from sqlalchemy.dialects.mysql import insert

from sql.schema.request_tables import request


@dataclass(frozen=True)
class Requests:
    """All that is asked for now. `switched`: feed → (on, when); `resets`: feed → asked or emptied."""

    switched: dict[str, tuple[bool, datetime]]
    resets: dict[str, str]


def read(connection: Connection) -> Requests:
    """Everything that is asked for."""
    rows = connection.execute(select(request)).all()
    return Requests(
        switched={row.feed: (row.state == "on", row.asked_at) for row in rows if row.what == "run"},
        resets={row.feed: row.state for row in rows if row.what == "reset"},
    )


def switch(connection: Connection, feed: str, *, on: bool) -> None:
    """Ask for a feed to run, or not to."""
    _ask(connection, feed, "run", "on" if on else "off")


def ask_reset(connection: Connection, feed: str) -> str:
    """Ask for a feed to be emptied, or find that it was; the request's state."""
    new = insert(request).values(feed=feed, what="reset", state="asked", asked_at=func.now(3))
    connection.execute(new.on_duplicate_key_update(state=request.c.state))
    return reset_state(connection, feed) or "asked"


def reset_state(connection: Connection, feed: str) -> str | None:
    """asked, emptied, or None where no reset is under way."""
    return connection.scalar(select(request.c.state).where(request.c.feed == feed, request.c.what == "reset"))


def note_emptied(connection: Connection, feed: str) -> None:
    """The feed is empty; it stays closed until `end_reset`."""
    asked = (request.c.feed == feed) & (request.c.what == "reset")
    connection.execute(update(request).where(asked).values(state="emptied"))


def end_reset(connection: Connection, feed: str) -> None:
    """The feed has its new topic and may be opened."""
    connection.execute(delete(request).where(request.c.feed == feed, request.c.what == "reset"))


def _ask(connection: Connection, feed: str, what: str, state: str) -> None:
    new = insert(request).values(feed=feed, what=what, state=state, asked_at=func.now(3))
    connection.execute(new.on_duplicate_key_update(state=state, asked_at=func.now(3)))
