"""A contract changes while records come in: on the feed of the tests' own, beside the traffic."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from threading import Event
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

MANY, FEW = 500, 20
BETWEEN_SECONDS = 0.02
LOST = "has lost records"
SECONDS = 60
KEYS = 10
COMPACTS = {"cleanup.policy": "compact", "segment.ms": "1000", "min.cleanable.dirty.ratio": "0.01"}


@contextmanager
def evolved(scene: Scene) -> Iterator[None]:
    """A column is added while somebody types: what older records have of it moves out of `extra`, each counts once."""
    with _own_feed() as contract:
        _type({"Name": "older", "Colour": "red"}, MANY)
        until(lambda: _rows(scene, "name = 'older'") == MANY, "what was typed is loaded")
        contract["columns"].append(COLOUR)
        with _typing({"Name": "meanwhile", "Colour": "green"}) as typed:
            until(lambda: len(typed) > FEW, "somebody types")
            before = len(typed)
            _lay(contract)
            during = len(typed)
            until(lambda: len(typed) > during + FEW, "somebody types under the new contract")
        if during < before + FEW:
            raise Failed(f"Only {during - before} records were typed while the tables changed.")
        _type({"Name": "newer", "Colour": "blue"}, MANY)
        until(lambda: _rows(scene, "colour IN ('red', 'blue')") == 2 * MANY, "each record has its colour")
        until(
            lambda: _numbers(scene) == typed,
            f"each of {len(typed):,} records typed meanwhile is there once, with its colour",
        )
        _check_counts(scene, 2 * MANY + len(typed))
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
    """Somebody writes records with keys into a topic that keeps the newest of each: the others leave gaps.

    Gone are the records that were loaded last, by which the ledger knows the topic, and some that nobody has read. No
    loss is told, nothing is read again, and what is left of the unread ones is loaded.
    """
    keys = [b"%d" % (number % KEYS) for number in range(MANY)]
    with _own_feed():
        _type({"Name": "keyed"}, MANY, keys)
        until(lambda: own_feed.committed_ends() == own_feed.topic_ends(), "what was typed is loaded")
        with services.stopped("spark", STREAM)(scene):
            loaded = own_feed.committed_ends()
            _configure(COMPACTS)
            _type({"Name": "again"}, MANY, keys)
            until(lambda: _has_compacted(loaded), "Kafka has compacted the records that were loaded last")
            _configure({"cleanup.policy": "delete"})
            left = sorted(offset for part, offset in _readable() if offset >= loaded.get(part, 0))
        until(lambda: own_feed.committed_ends() == own_feed.topic_ends(), "the topic is loaded to its end")
        rows = sorted(row["row_no"] for row in scene.rows(f"SELECT row_no FROM v_{FEED} WHERE name = 'again'"))
        if rows != left or (older := _rows(scene, "name = 'keyed'")) != MANY:
            raise Failed(f"Of {len(left)} records that were left {len(rows)} are loaded, of {MANY} older ones {older}.")
        _check_counts(scene, MANY + len(left))
        if scene.reports(LOST):
            raise Failed("`make status` says that the topic has lost records.")
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


@contextmanager
def _typing(fields: dict[str, str]) -> Iterator[list[int]]:
    """Somebody types record after record meanwhile; the numbers of those that Kafka has, each its record's weight."""
    typed: list[int] = []
    ended = Event()

    def type_on() -> None:
        with closing(KafkaProducer(**kafka_account("person").client(), acks="all")) as producer:
            while not ended.wait(BETWEEN_SECONDS):
                number = len(typed) + 1
                producer.send(FEED, orjson.dumps({**GOOD, **fields, "Weight": str(number)})).get(timeout=SECONDS)
                typed.append(number)

    with ThreadPoolExecutor(1) as pool:
        typing = pool.submit(type_on)
        try:
            yield typed
        finally:
            ended.set()
        typing.result()


def _configure(settings: dict[str, str]) -> None:
    with closing(KafkaAdminClient(**kafka_account("admin").client())) as admin:
        admin.alter_configs([ConfigResource("topic", FEED, settings)])


def _rows(scene: Scene, which: str) -> int:
    return int(scene.one(f"SELECT COUNT(*) FROM v_{FEED} WHERE {which}"))


def _numbers(scene: Scene) -> list[int]:
    """Of the records that were typed meanwhile and have their colour."""
    query = f"SELECT weight FROM v_{FEED} WHERE name = 'meanwhile' AND colour = 'green' ORDER BY weight"
    return [row["weight"] for row in scene.rows(query)]


def _check_counts(scene: Scene, records: int) -> None:
    """All that was ever typed became a row at once: nothing was read twice, nothing refused."""
    columns = ("read_count", "loaded", "duplicates", "quarantined")
    (found,) = scene.rows(f"SELECT {', '.join(columns)} FROM pipeline_feed WHERE feed = '{FEED}'")
    if (counts := [int(found[name]) for name in columns]) != [records, records, 0, 0]:
        raise Failed(f"{FEED}: read, loaded, duplicates and quarantined are {counts}, {records:,} were typed.")


def _readable() -> set[tuple[int, int]]:
    """Where a consumer finds records in the feed's topic: partition and offset."""
    with closing(TopicReader(kafka_account("reader"))) as reader:
        ends = own_feed.topic_ends().items()
        return {(part, record.offset) for part, end in ends for record in reader.records(FEED, part, 0, end)}


def _has_compacted(loaded: dict[int, int]) -> bool:
    """Whether the record before each of those ends is gone.

    Only a segment that is closed is compacted: a later record begins the next.
    """
    _type({"Name": "again"}, KEYS, [b"%d" % number for number in range(KEYS)])
    return _readable().isdisjoint((part, end - 1) for part, end in loaded.items())


def _check(contract: dict[str, Any]) -> None:
    if wrong := own_feed.differences(contract):
        raise Failed(f"{wrong[0].feed}: {wrong[0].differing:,} differences in {wrong[0].what}.")
