"""Records that nobody should send, through the whole pipeline; what became of each is compared with what was said."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import count, islice
from typing import Any, NamedTuple

from kafka import KafkaProducer

from drills.hostile.cases import FEED, Case, Values, as_sent, cases
from drills.hostile.tokens import AGAIN, LOADS, REFUSED, Fate
from drills.scene import Scene
from drills.waiting import Failed, until
from instruments import own_feed
from instruments.tools import EXECUTOR_PROCESS
from lab.observe.access import kafka_account, settings
from millrace.record.seal import Seal
from producer.kafka.publisher import KafkaPublisher

CASES = 100_000
AT_ONCE = 500
SECONDS = 900
COLUMNS = "year, state, sender, weight, CAST(posted_at AS CHAR), name, route, fragile"
"""As drills.hostile.cases.Values."""
EXECUTOR = f"pgrep -f {EXECUTOR_PROCESS}"
BEYOND = 200 * 2**20
"""Bytes, of which an executor cannot hold what reading takes."""
Identity = tuple[int, int]
"""Source and row."""
Position = tuple[int, int]
"""Partition and offset."""


class Sent(NamedTuple):
    """A case, and where it stands in the topic."""

    case: Case
    partition: int
    offset: int


class Found(NamedTuple):
    """What the lab has of the feed: its counts, identities in the table, in quarantine with positions, and the rows."""

    counts: dict[str, int]
    loaded: list[Identity]
    refused: list[tuple[int, int, int, int]]
    values: dict[Identity, Values]


@contextmanager
def records(scene: Scene) -> Iterator[None]:
    """A hundred thousand into the tests' own feed, which is on meanwhile; the stream must be alive behind them."""
    own_feed.take_away()
    try:
        own_feed.switch_on()
        sent = send(cases(scene.traffic.seed, CASES))
        until(_is_read, f"all {CASES:,} hostile records are read (seed {scene.traffic.seed})", SECONDS)
        if wrong := differences(sent, read_back(scene)):
            raise Failed(f"Of {CASES:,} hostile records (seed {scene.traffic.seed}): {'; '.join(wrong)}.")
        _check_alive(scene)
        yield
    finally:
        own_feed.take_away()


@contextmanager
def beyond_memory(scene: Scene) -> Iterator[None]:
    """A record of some kilobytes that unpacks to 200 MB, to the tests' own feed; the executor must stay."""
    own_feed.take_away()
    before = scene.run("spark", EXECUTOR)
    try:
        own_feed.switch_on()
        account = kafka_account("admin").client()
        with closing(KafkaProducer(**account, compression_type="zstd", max_request_size=2 * BEYOND)) as producer:
            sent = producer.send(FEED, b" " * BEYOND).get(timeout=SECONDS)
        until(_is_read, "the record is dealt with")
        refused = [(part, offset) for _, _, part, offset in read_back(scene).refused]
        if refused != [(sent.partition, sent.offset)]:
            raise Failed(f"A record too large to be read, at {sent.partition}:{sent.offset}; in quarantine: {refused}.")
        _check_alive(scene)
        if scene.run("spark", EXECUTOR) != before:
            raise Failed("The executor that met the record has gone.")
        yield
    finally:
        own_feed.take_away()


def send(made: Iterator[Case]) -> list[Sent]:
    """All of them, partition by partition in turn."""
    sent: list[Sent] = []
    partitions, seal = range(own_feed.CONTRACT.topic.partitions), Seal(settings().record_key)
    with closing(KafkaPublisher(kafka_account("admin"), FEED)) as publisher:
        for number in count():
            if not (chunk := list(islice(made, AT_ONCE))):
                break
            partition = partitions[number % len(partitions)]
            first = publisher.publish(partition, [as_sent(case, seal) for case in chunk]).end_offset() - len(chunk)
            sent += [Sent(case, partition, offset) for offset, case in enumerate(chunk, start=first)]
    return sent


def read_back(scene: Scene) -> Found:
    """Asks MySQL."""
    columns = "read_count, loaded, updated, duplicates, quarantined"
    (counts,) = scene.rows(f"SELECT {columns} FROM pipeline_feed WHERE feed = '{FEED}'")
    loaded = [[*row.values()] for row in scene.rows(f"SELECT source_id, row_no, {COLUMNS} FROM v_{FEED}")]
    refused = scene.rows(
        f"SELECT source_id, row_no, kafka_partition, kafka_offset FROM quarantine WHERE feed = '{FEED}'"
    )
    return Found(
        {name: int(count) for name, count in counts.items()},
        [(source, row) for source, row, *_ in loaded],
        [tuple(row.values()) for row in refused],
        {(source, row): tuple(values) for source, row, *values in loaded},
    )


def differences(sent: Sequence[Sent], found: Found) -> list[str]:
    """A sentence for each thing that is not as the cases say. A typed record is known by its position in the topic."""
    fates = Counter(each.case.fate for each in sent)
    expected = {
        "read_count": len(sent),
        "loaded": fates[LOADS],
        "updated": 0,
        "duplicates": fates[AGAIN],
        "quarantined": fates[REFUSED],
    }
    wrong = [f"{name} is {found.counts[name]:,}, not {n:,}" for name, n in expected.items() if found.counts[name] != n]
    named = {each.case.identity for each in sent} - {None}
    sources = {identity[0] for identity in named if identity}
    typed = [row for source, row in found.loaded if source not in sources]
    wrong += _compared("in the table", Counter(p for p in found.loaded if p[0] in sources), _named(sent, LOADS))
    wrong += _compared("typed in the table", Counter(typed), Counter(offset for _, offset in _typed(sent, LOADS)))
    known = Counter((source, row) for source, row, *_ in found.refused if source in sources)
    wrong += _compared("in quarantine", known, _named(sent, REFUSED))
    positions = Counter((part, offset) for source, _, part, offset in found.refused if source not in sources)
    wrong += _compared("typed in quarantine", positions, Counter(_typed(sent, REFUSED)))
    written = {each.case.identity: each.case.values for each in sent if each.case.identity and each.case.values}
    other = [one for one, values in written.items() if one in found.values and found.values[one] != values]
    if other:
        wrong.append(f"{len(other):,} rows have other values than were sent, such as {found.values[other[0]]}")
    return wrong


def _named(sent: Sequence[Sent], fate: Fate) -> Counter[Any]:
    return Counter(each.case.identity for each in sent if each.case.fate == fate and each.case.identity)


def _typed(sent: Sequence[Sent], fate: Fate) -> list[Position]:
    return [(each.partition, each.offset) for each in sent if each.case.fate == fate and each.case.identity is None]


def _compared(what: str, found: Counter[Any], expected: Counter[Any]) -> list[str]:
    missing, beyond = expected - found, found - expected
    return [
        f"{each.total():,} {what} are {how}, such as {next(iter(each))}"
        for how, each in (("missing", missing), ("too many", beyond))
        if each
    ]


def _is_read() -> bool:
    ends = own_feed.topic_ends()
    return bool(ends) and own_feed.committed_ends() == ends


def _check_alive(scene: Scene) -> None:
    before = scene.one(f"SELECT loaded FROM pipeline_feed WHERE feed = '{FEED}'")
    send(iter([Case(own_feed.record("behind the hostile ones").encode(), LOADS, None)]))
    query = f"SELECT loaded FROM pipeline_feed WHERE feed = '{FEED}'"
    until(lambda: scene.one(query) == before + 1, "a good record behind them is loaded")
