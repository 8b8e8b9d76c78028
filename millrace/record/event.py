"""The event: one record on its way through Kafka, as JSON.

`{"feed": …, "source": …, "origin": …, "row": …, "sent_at": "2026-11-22T17:05:47.123Z", "data": {header: raw text}}`; a
record that cannot be read as columns carries `raw` (base64) and `why` instead of `data`. Behind `origin` may stand what
the sending claims for its source, see Claim.
"""

from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from time import time_ns
from typing import Literal

import orjson

MAX_BYTES = 8 * 2**20
"""The same limit in the broker, the topics, the producer and Spark."""

Origin = Literal["file", "api", "device", "simulator", "console"]
"""What kind of source a record is from, so that every screen can tell simulated data from real ones."""


@dataclass(frozen=True)
class Claim:
    """What a sending claims for its source.

    `version` orders the sources of a feed: what is sent as newer has a greater one. `replaces`: the sources whose rows
    leave for it, nearly always one. They stand in every event, since no partition is read before another.
    """

    version: int | None = None
    replaces: tuple[int, ...] = ()


NO_CLAIM = Claim()


def timestamp(moment: datetime | None = None) -> str:
    """A moment (now, unless given) in UTC with milliseconds."""
    return (moment or datetime.now(UTC)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def encode_event(  # noqa: PLR0913 - the event's own fields
    feed: str,
    source: int,
    row: int,
    sent_at: str,
    *,
    data: Mapping[str, str] | None = None,
    raw: bytes | None = None,
    why: str | None = None,
    origin: Origin = "file",
    claim: Claim = NO_CLAIM,
) -> bytes:
    """One event. Give either `data`, or `raw` with `why` it could not be read."""
    event = _of_sending(feed, source, origin, claim) | {"row": row, "sent_at": sent_at}
    if raw is None:
        event["data"] = data
    else:
        event |= {"raw": b64encode(raw).decode("ascii"), "why": why}
    return orjson.dumps(event)


def _of_sending(feed: str, source: int, origin: Origin, claim: Claim) -> dict[str, object]:
    """What is the same in all events of one sending."""
    event: dict[str, object] = {"feed": feed, "source": source, "origin": origin}
    if claim.version is not None:
        event["version"] = claim.version
    if claim.replaces:
        only, *more = claim.replaces
        event["replaces"] = claim.replaces if more else only
    return event


class Clock:
    """The present as a timestamp, formatted once per millisecond."""

    def __init__(self) -> None:
        self._millisecond = 0
        self._text = b""

    def now(self) -> bytes:
        """Now, as `timestamp` writes it."""
        millisecond = time_ns() // 1_000_000
        if millisecond != self._millisecond:
            self._millisecond = millisecond
            self._text = timestamp(datetime.fromtimestamp(millisecond / 1000, UTC)).encode("ascii")
        return self._text


class EventWriter:
    """Encodes the readable records of one source; what is the same in all of them is encoded once."""

    def __init__(
        self, feed: str, source: int, header: Iterable[str], origin: Origin = "file", claim: Claim = NO_CLAIM
    ) -> None:
        self._header = tuple(header)
        self._head = orjson.dumps(_of_sending(feed, source, origin, claim))[:-1] + b',"row":'
        self._now = Clock().now

    def encode(self, row: int, fields: Iterable[str]) -> bytes:
        """The event of a record whose fields stand in the header's order."""
        return self.encode_texts(row, dict(zip(self._header, fields, strict=True)))

    def encode_texts(self, row: int, texts: Mapping[str, str]) -> bytes:
        """The event of a record whose fields have names of their own."""
        data = orjson.dumps(texts)
        return b'%b%d,"sent_at":"%b","data":%b}' % (self._head, row, self._now(), data)
