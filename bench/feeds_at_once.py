"""Every simulator at work at the same time, each with a number of records at a rate, and what the ledger says of it."""

import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy import Connection, text

from bench.report.figures import WrongCount
from lab.host import remote
from lab.observe.ledger import newest_load
from millrace.settings import Lab

SENT = re.compile(r"([\d,]+) to (\w+)")
# A machine under load starts seven Pythons slowly; whoever takes longer than this will never end.
MORE_SECONDS = 600

# What became of the sources that began after that load: those of one run.
TOTALS = (
    "SELECT l.feed, SUM(s.read_count) AS seen, SUM(s.loaded + s.updated + s.duplicates + s.quarantined) AS accounted,"
    " SUM(s.loaded) AS loaded, SUM(s.quarantined) AS quarantined"
    " FROM pipeline_load_source s JOIN pipeline_load l USING (load_id)"
    " WHERE l.state = 'committed' AND s.load_id > :first AND NOT EXISTS ("
    "   SELECT 1 FROM pipeline_load_source o WHERE o.source_id = s.source_id AND o.load_id <= :first)"
    " GROUP BY l.feed"
)


@dataclass(frozen=True)
class Totals:
    """A feed's records that were read, and how many of them the ledger tells what became of."""

    seen: int
    accounted: int
    loaded: int
    quarantined: int


@dataclass(frozen=True)
class Traffic:
    """A run: the newest load before it, and the records sent, by feed."""

    first_load_id: int
    sent: dict[str, int]

    def totals(self, connection: Connection) -> dict[str, Totals]:
        """By feed, what the ledger has of them now."""
        rows = connection.execute(text(TOTALS), {"first": self.first_load_id}).all()
        connection.rollback()
        return {feed: Totals(*map(int, counts)) for feed, *counts in rows}

    def behind(self, connection: Connection) -> dict[str, int]:
        """Records sent and not in the ledger yet, by feed; nothing once all are. Refuses counts that cannot be."""
        found = self.totals(connection)
        wrong = {
            feed: one for feed, one in found.items() if one.seen != one.accounted or one.seen > self.sent.get(feed, 0)
        }
        if wrong:
            raise WrongCount(f"The ledger's sums are wrong: {wrong}, of {self.sent} sent.")
        left = {feed: count - (found[feed].seen if feed in found else 0) for feed, count in self.sent.items()}
        return {feed: count for feed, count in left.items() if count}


def simulators(lab: Lab) -> list[str]:
    """The feeds whose records are made up, and that are switched on."""
    return [feed for feed in lab.simulators if feed in lab.feeds]


def send_all(connection: Connection, feeds: Sequence[str], count: int, per_second: float) -> Traffic:
    """Sends `count` records of each feed, all feeds at once and together `per_second`, under a seed of their own."""
    seed = int(uuid4().hex, 16) % 10**8
    first = newest_load(connection)
    connection.rollback()
    with ThreadPoolExecutor(len(feeds)) as pool:
        runs = list(pool.map(lambda feed: simulate(feed, count, per_second / len(feeds), seed), feeds))
    return Traffic(first, {name: sent for run in runs for name, sent in run.items()})


def simulate(feed: str, count: int, rate: float, seed: int) -> dict[str, int]:
    """Runs the feed's simulator on its machine; the records sent, by feed. Refuses when it did not send them all."""
    line = f"millrace simulate {feed} --first 0 --count {count} --rate {rate} --seed {seed}"
    said = remote.run("kafka", line, timeout=count / rate + MORE_SECONDS)
    sent = {name: int(number.replace(",", "")) for number, name in SENT.findall(said)}
    if sent.get(feed) != count:
        raise WrongCount(f"`{line}` sent something else: {said.strip()}")
    return sent
