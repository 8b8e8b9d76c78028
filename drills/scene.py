"""What a drill plays on: the lab, the traffic that streams in, and what can be asked of both."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from time import monotonic, sleep

from drills.replacements import FEED, Replacements
from drills.traffic import Traffic
from drills.waiting import until
from instruments.tools import WarehouseAfresh, as_root
from lab.backup.not_loaded import Loaded, Topic, loaded_now, topics_now
from lab.host import remote
from lab.observe.access import settings
from lab.observe.status import LabStatus, collect
from lab.observe.warehouse import warehouse
from millrace.kafka.broker import Broker
from millrace.settings import Lab

STREAM = "millrace-stream"
LEAST_PER_SECOND, RATE_SECONDS = 1_000, 5.0
COUNTS = ("read_count", "loaded", "updated", "duplicates", "quarantined")


class Scene(WarehouseAfresh):
    """One drill's."""

    def __init__(self, lab: Lab, traffic: Traffic, replacements: Replacements) -> None:
        self.lab, self.traffic, self.replacements = lab, traffic, replacements
        self.lost: dict[str, int] = {}
        """By feed, acknowledged records that the drill has taken away before anybody read them."""
        self.losses: list[str] = []
        """Patterns of losses that `make status` may go on telling: those of before, and the drill's own."""
        self.reported_before: frozenset[str] = frozenset()
        """Notices that stood there already, which say nothing of this drill."""
        self.newest_event = 0
        """The lab's newest event then: a loss may be told in the words in which an earlier one is."""
        self.gone_at: float | None = None
        """When the cause had gone, where the act says so; else it has when the act ends."""
        self.recovered_at: float | None = None
        """When all went on, where the act has waited for it."""
        self.longest_before = 0.0
        """Of an act's causes before the last, the longest recovery, in seconds."""

    def cause_is_gone(self) -> None:
        """From now on the lab recovers: what an act still waits for is part of it. It ends what was before."""
        now = monotonic()
        if self.gone_at is not None:
            self.longest_before = max(self.longest_before, (self.recovered_at or now) - self.gone_at)
        self.gone_at, self.recovered_at = now, None

    def forget_recovery(self) -> None:
        """No cause has been there yet."""
        self.gone_at, self.recovered_at, self.longest_before = None, None, 0.0

    def has_recovered(self) -> None:
        """What the act does from now on is not the cause."""
        self.recovered_at = monotonic()

    def as_root(self, sql: str) -> str:
        """What MySQL's own root gets."""
        return as_root(sql)

    def run(self, machine: str, script: Sequence[str] | str) -> str:
        """What a command printed on a machine."""
        return remote.run(machine, script, timeout=180)

    @property
    def epoch(self) -> int:
        """One more with every start of the application."""
        return int(self.one(f"SELECT epoch FROM pipeline_app WHERE app = '{STREAM}'"))

    def status(self) -> LabStatus:
        """What `make status` shows."""
        return collect(self.lab, settings())

    def problems(self) -> list[str]:
        """What `make status` finds wrong, but for losses that it goes on telling."""
        return [each for each in self.status().problems if not any(re.search(loss, each) for loss in self.losses)]

    def reports(self, pattern: str) -> bool:
        """Whether a problem or notice of `make status` says so that did not stand there before, or does once more."""
        found = self.status()
        told = {each for each in said_by(found) if re.search(pattern, each)}
        return bool(told - self.reported_before) or bool(told and self._is_told_again(pattern))

    def _is_told_again(self, pattern: str) -> bool:
        newer = self.rows("SELECT message FROM pipeline_event WHERE event_id > :newest", newest=self.newest_event)
        return any(re.search(pattern, each["message"]) for each in newer)

    def counts(self) -> dict[tuple[str, int], dict[str, int]]:
        """What became of the traffic's records, by feed and source, as the ledger counts them."""
        sources = [*self.traffic.sources.items(), *((FEED, source) for source in self.replacements.sent)]
        wanted = ", ".join(f"('{feed}', {source})" for feed, source in sources)
        query = f"SELECT * FROM pipeline_source WHERE (feed, source_id) IN ({wanted})"
        known = {(row["feed"], row["source_id"]): row for row in self.rows(query)}
        return {one: {name: int(known[one][name]) if one in known else 0 for name in COUNTS} for one in sources}

    def read(self) -> dict[str, int]:
        """How many of the simulators' records were read, by feed."""
        counts = self.counts()
        return {feed: counts[feed, source]["read_count"] for feed, source in self.traffic.sources.items()}

    def wait_for_more(self, what: str, than: int = 0) -> None:
        """Until more than so many further records of every simulator are read."""
        before = self.read()
        until(lambda: all(read > before[feed] + than for feed, read in self.read().items()), what)

    def apart(self) -> list[str]:
        """A sentence for each feed that is on whose ledger does not end where Kafka does, as both say now."""
        with closing(Broker(settings().kafka_account)) as broker, warehouse(settings()) as connection:
            topics = topics_now(broker, self.lab.feeds)
            return list(differing_ends(self.lab.feeds, topics, loaded_now(connection)))

    def is_sending(self) -> bool:
        """The traffic's simulators run, also after their machine has started anew; refuses while it is not there."""
        self.traffic.start()
        return True

    def wait_until_flowing(self) -> None:
        """Records of every simulated feed are in MySQL; what `make status` tells of earlier losses is known."""
        found = self.status()
        self.losses = [re.escape(one.message) for one in found.notices if one.kind == "trouble"]
        self.reported_before = said_by(found)
        self.newest_event = int(self.one("SELECT COALESCE(MAX(event_id), 0) FROM pipeline_event"))
        until(lambda: min(self.read().values()) > 0, "records of the traffic are in MySQL")
        until(self._is_under_load, f"{LEAST_PER_SECOND:,} records a second are sent")

    def _is_under_load(self) -> bool:
        """Whether so many were acknowledged over some seconds."""
        before, began = self.traffic.acknowledged(), monotonic()
        sleep(RATE_SECONDS)
        after = self.traffic.acknowledged()
        return sum(after[feed] - before[feed] for feed in before) >= LEAST_PER_SECOND * (monotonic() - began)


def said_by(found: LabStatus) -> frozenset[str]:
    """The sentences of problems and notices."""
    return frozenset([*found.problems, *(one.message for one in found.notices)])


def differing_ends(feeds: Iterable[str], topics: Mapping[str, Topic], loaded: Mapping[str, Loaded]) -> Iterator[str]:
    """Of those feeds: a ledger behind its topic, one ahead of it, and one that speaks of another topic."""
    for feed in feeds:
        topic, known = topics.get(feed), loaded.get(feed)
        if topic is None:
            yield f"{feed}: Kafka has no such topic"
        elif known is None or known.topic_uuid != topic.uuid:
            yield f"{feed}: the ledger has never opened this topic"
        elif (read := _begun(known.ends)) != (there := _begun(topic.ends)):
            yield f"{feed}: Kafka ends at {there}, the ledger at {read}"


def _begun(ends: Mapping[int, int]) -> dict[int, int]:
    """Without partitions that hold nothing: the ledger learns of one with its first record."""
    return {part: end for part, end in sorted(ends.items()) if end}
