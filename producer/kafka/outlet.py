"""Where events go, and what must be known before they may."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from millrace.record.seal import Seal
from producer.kafka.backpressure import ReadUpTo
from producer.kafka.held_records import Holds
from producer.kafka.journal import Entry, Journal
from producer.kafka.publisher import Publisher


class Topic(Protocol):
    """What must be known of a topic before sending; millrace.kafka.broker.Broker knows it."""

    def topic_uuid(self, topic: str) -> str | None: ...

    def latest_offsets(self, topic: str) -> dict[int, int]: ...

    def retention_bytes(self, topic: str) -> int: ...


@dataclass(frozen=True)
class Outlet:
    """A publisher per feed, what the broker knows of topics, the journal, the seal of what is sent, and the ledger:

    `read_up_to(feed)` gives the question how far that feed is committed, or None; `holds` asks Kafka for a record;
    `is_loaded` says whether a record of that version is committed, as far as it is known.
    """

    publisher: Callable[[str], Publisher]
    topic: Topic
    journal: Journal
    seal: Seal
    read_up_to: Callable[[str], ReadUpTo | None] = lambda _feed: None
    holds: Holds = lambda _feed, _source, _position: True
    is_loaded: Callable[[Entry], bool] = lambda _entry: False
