"""A contract changes while records come in: on the feed of the tests' own, beside the traffic."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any

import orjson
import yaml
from kafka import KafkaAdminClient, KafkaProducer
from kafka.admin import ConfigResource

from drills.acts import services
from drills.acts.stream import heeding_points
from drills.scene import STREAM, Scene
from drills.waiting import Failed, until
from instruments import own_feed
from instruments.own_feed import COLOUR, FEED, FOLDER, GOOD
from instruments.stream import AFTER_PENDING, POINTS
from instruments.tools import millrace
from lab.observe.access import kafka_account
from millrace.kafka.topic_reader import TopicReader

MANY = 500
SECONDS = 60
KEYS = 10
COMPACTS = {"cleanup.policy": "compact", "segment.ms": "1000", "min.cleanable.dirty.ratio": "0.01"}


@contextmanager
def evolved(scene: Scene) -> Iterator[None]:
    """A column is added: what older records have of it moves out of `extra`, and the other feeds go on."""
    with _own_feed() as contract:
        _type({"Name": "older", "Colour": "red"}, MANY)
        until(lambda: _rows(scene, "name = 'older'") == MANY, "what was typed is loaded")
        contract["columns"].append(COLOUR)
        _lay(contract)
        _type({"Name": "newer", "Colour": "blue"}, MANY)
        until(lambda: _rows(scene, "colour IN ('red', 'blue')") == 2 * MANY, "each record has its colour")
        _check(contract)
        yield


@contextmanager
def mended(scene: Scene) -> Iterator[None]:
    """Records are refused for a type that is too narrow; it is widened, and `make replay` takes them in."""
    refused = f"SELECT COUNT(*) FROM v_quarantine WHERE feed = '{FEED}' AND resolved_at IS NULL"
    with _own_feed() as contract:
        _type({"Name": "heavy", "Weight": "3000000000"}, MANY)
        until(lambda: scene.one(refused) == MANY, "each record is refused")
        next(each for each in contract["columns"] if each["name"] == "weight")["type"] = "bigint"
        _lay(contract)
        done = millrace("replay", FEED)
        if done.code != 0:
            raise Failed(f"make replay ended with {done.code}: {done.err.strip()}")
        until(lambda: _rows(scene, "weight = 3000000000") == MANY, "each record is in the table")
        until(lambda: scene.one(refused) == 0, "none is refused any more")
        _check(contract)
        yield


@contextmanager
def changed_under_a_load(scene: Scene) -> Iterator[None]:
    """The application is killed behind a pending row, and finds another contract when it starts again."""
    pending = f"SELECT COUNT(*) FROM pipeline_load WHERE feed = '{FEED}' AND state = 'pending'"
    with _own_feed() as contract:
        with heeding_points(scene):
            until(lambda: own_feed.state() == "running", f"{FEED} runs again")
            POINTS.arm(AFTER_PENDING)
            _type({"Name": "between", "Colour": "red"}, MANY)
            until(lambda: POINTS.has_struck(AFTER_PENDING), "a load is pending")
            with services.stopped("spark", STREAM)(scene):
                if scene.one(pending) != 1:
                    raise Failed("The pending load was gone before the contract changed.")
                contract["columns"].append(COLOUR)
                _lay(contract)
        until(lambda: _rows(scene, "colour = 'red'") == MANY, "each record is in the table")
        _check(contract)
        yield


@contextmanager
def compacted(scene: Scene) -> Iterator[None]:
    """Somebody writes records with keys into a topic that keeps the newest of each: the others leave gaps."""
    with _own_feed():
        with services.stopped("spark", STREAM)(scene):
            with closing(KafkaAdminClient(**kafka_account("admin").client())) as admin:
                admin.alter_configs([ConfigResource("topic", FEED, COMPACTS)])
            keys = [b"%d" % (number % KEYS) for number in range(MANY)]
            _type({"Name": "keyed"}, MANY, keys)
            until(_has_compacted, "Kafka has compacted the topic")
        until(lambda: own_feed.committed_ends() == own_feed.topic_ends(), "the topic is loaded to its end")
        if (rows := _rows(scene, "name = 'keyed'")) != (there := _readable()):
            raise Failed(f"{rows} rows of the {there} records that the topic holds.")
        yield


@contextmanager
def _own_feed() -> Iterator[dict[str, Any]]:
    """The feed is on, and known to the commands of the host; its contract, to be changed."""
    with own_feed.on_the_lab(), own_feed.landing():
        yield yaml.safe_load((FOLDER / FEED / "contract.yaml").read_text(encoding="utf-8"))


def _lay(contract: dict[str, Any]) -> None:
    own_feed.lay(yaml.safe_dump(contract, sort_keys=False, allow_unicode=True))


def _type(fields: dict[str, str], count: int, keys: Sequence[bytes] = ()) -> None:
    """Records that a person types into the feed's topic; those of a key into one partition."""
    with closing(KafkaProducer(**kafka_account("person").client(), acks="all")) as producer:
        record = orjson.dumps({**GOOD, **fields})
        for sent in [producer.send(FEED, record, key=keys[n] if keys else None) for n in range(count)]:
            sent.get(timeout=SECONDS)


def _rows(scene: Scene, which: str) -> int:
    return int(scene.one(f"SELECT COUNT(*) FROM v_{FEED} WHERE {which}"))


def _readable() -> int:
    """How many records a consumer finds in the feed's topic."""
    with closing(TopicReader(kafka_account("reader"))) as reader:
        return sum(1 for part, end in own_feed.topic_ends().items() for _ in reader.records(FEED, part, 0, end))


def _has_compacted() -> bool:
    """Only a segment that is closed is compacted: a later record begins the next."""
    _type({"Name": "keyed"}, KEYS, [b"%d" % number for number in range(KEYS)])
    return _readable() < MANY


def _check(contract: dict[str, Any]) -> None:
    if wrong := own_feed.differences(contract):
        raise Failed(f"{wrong[0].feed}: {wrong[0].differing:,} differences in {wrong[0].what}.")
