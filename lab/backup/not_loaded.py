"""What is in Kafka and not in MySQL: only there, and so not in a backup."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select

from lab.observe.ledger import offsets
from lab.sentences import backup as sentences
from millrace.kafka.broker import Broker
from sql.schema import ledger_tables as ledger


@dataclass(frozen=True)
class Topic:
    """A feed's topic at one moment: its id, where each partition begins and ends."""

    uuid: str
    begins: Mapping[int, int]
    ends: Mapping[int, int]


@dataclass(frozen=True)
class Loaded:
    """How far the ledger is: in which topic, and per partition; whether anybody loads more."""

    topic_uuid: str
    ends: Mapping[int, int]
    goes_on: bool = True


def topics_now(broker: Broker, feeds: Iterable[str]) -> dict[str, Topic]:
    """Those of the feeds' topics that are there."""
    found = {}
    for feed in feeds:
        uuid = broker.topic_uuid(feed)
        if uuid is not None:
            found[feed] = Topic(uuid, broker.earliest_offsets(feed), broker.latest_offsets(feed))
    return found


def loaded_now(connection: Connection) -> dict[str, Loaded]:
    """Every feed of the ledger, as it is committed now."""
    of = ledger.feed_table.c
    rows = connection.execute(select(of.feed, of.topic_uuid, of.end_offsets, of.state)).all()
    connection.rollback()
    return {row.feed: Loaded(row.topic_uuid, offsets(row.end_offsets), row.state != "stopped") for row in rows}


def unread(topics: Mapping[str, Topic], loaded: Mapping[str, Loaded]) -> dict[str, int]:
    """By feed, offsets below those ends that the ledger has not passed; only feeds that have some."""
    left = {}
    for feed, topic in topics.items():
        known = loaded.get(feed)
        done = known.ends if known and known.topic_uuid == topic.uuid else {}
        begins = {part: max(first, done.get(part, 0)) for part, first in topic.begins.items()}
        left[feed] = sum(max(0, end - begins[part]) for part, end in topic.ends.items())
    return {feed: count for feed, count in left.items() if count}


def described(left: Mapping[str, int]) -> str:
    """As the inner part of a sentence."""
    return ", ".join(sentences.OF_FEED.format(feed=feed, count=count) for feed, count in sorted(left.items()))
