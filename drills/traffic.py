"""The traffic that every drill runs under: simulators of three feeds on the kafka machine, under a seed of their own.

One record in a hundred is bad, and belongs into quarantine. The producers' journal tells which records Kafka has
acknowledged: it is kept on the kafka machine, apart from the ledger that is judged by it.
"""

import json
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from typing import Any

from lab.host import remote
from millrace.record.identity import simulator_source

PER_SECOND = {"sales": 350, "weather": 350, "hospital": 350}
"""Two feeds to which records are appended, and one whose records are updated; more come as replaced files."""
MOST_SECONDS = 5400
"""It ends by itself, should nobody end it."""
PYTHON = "/opt/millrace/venv/bin/python"
JOURNAL = "/var/lib/millrace/journal.sqlite"
POSITIONS = (
    "import json, sqlite3, sys;"
    f" rows = sqlite3.connect('file:{JOURNAL}?mode=ro', uri=True, timeout=20)"
    ".execute('SELECT feed, acknowledged FROM sources WHERE name = ?', sys.argv[1:]);"
    " print(json.dumps(dict(rows)))"
)


@dataclass(frozen=True)
class Bad:
    """What makes a record bad: this text in a field; and what its column then has against it."""

    field: str
    text: str
    column: str
    reason: str

    @property
    def reasons(self) -> list[dict[str, str | None]]:
        """As quarantine must have them."""
        return [{"column": self.column, "value": self.text or None, "reason": self.reason}]


BAD_EVERY = 100
BAD = {
    "sales": Bad("CustomerID", "0", "customer_id", "is below 1"),
    "weather": Bad("current.relative_humidity_2m", "wet", "humidity", "is not a number"),
    "hospital": Bad("hosp", "", "hospitalised", "is required and empty"),
}
SPOILING = (
    "import importlib, runpy, sys; del sys.argv[0];"
    " made = importlib.import_module('feeds.{feed}.simulator'); good = made.records;"
    " made.records = lambda seed, after=0: (record | {spoilt} if divmod(number, {every})[1] == 0 else record"
    " for number, record in enumerate(good(seed, after), start=after + 1));"
    " runpy.run_module('lab', run_name='__main__', alter_sys=True)"
)
"""The program of the lab on the kafka machine, whose simulator of a feed makes every so many'th record bad."""


def is_bad(number: int) -> bool:
    """Whether the record of that number (from 1) is one that must be refused."""
    return number % BAD_EVERY == 0


def simulator(feed: str) -> Any:
    """The module that makes its records up, see producer.simulate.run; all of them are good."""
    return import_module(f"feeds.{feed}.simulator")


def spoiling(feed: str) -> str:
    """Python's text for the feed, see SPOILING."""
    bad = BAD[feed]
    return SPOILING.format(feed=feed, every=BAD_EVERY, spoilt={bad.field: bad.text})


@dataclass(frozen=True)
class Traffic:
    """Simulators that go on until they are stopped, whatever happens to Kafka meanwhile."""

    seed: int
    highest: dict[str, int] = field(default_factory=dict)
    """By feed, the greatest number that was ever seen acknowledged: kept here, as a drill may take the journal back."""

    @cached_property
    def sources(self) -> dict[str, int]:
        """By feed, who their records are."""
        return {feed: simulator_source(feed, self.seed, "", simulator(feed).VERSION) for feed in PER_SECOND}

    def records(self, feed: str) -> Iterator[dict[str, str]]:
        """Its records without end, from number 1 on; bad ones as they were before they were made so."""
        made: Iterator[dict[str, str]] = simulator(feed).records(self.seed)
        return made

    def start(self) -> None:
        """Those that do not run begin, or go on where they were."""
        for feed, rate in PER_SECOND.items():
            unit = self._unit(feed)
            program = [PYTHON, "-P", "-c", spoiling(feed), "lab", "simulate", feed]
            simulate = [*program, f"--seed={self.seed}", "--first=0", f"--rate={rate}"]
            settings = (
                *("User=millrace", "LoadCredential=lab.env:/etc/millrace/lab.env"),
                *("WorkingDirectory=/var/lib/millrace", "ReadWritePaths=/var/lib/millrace"),
                *("Restart=on-failure", "RestartSec=1", "StartLimitIntervalSec=0"),
            )
            properties = [part for setting in settings for part in ("-p", setting)]
            begin = ["sudo", "systemd-run", "--quiet", "--collect", f"--unit={unit}", *properties]
            count = f"--count={rate * MOST_SECONDS}"
            remote.run("kafka", f"systemctl is-active --quiet {unit} || {shlex.join([*begin, *simulate, count])}")

    def stop(self) -> None:
        """They end; what is acknowledged is in the journal."""
        units = " ".join(map(self._unit, PER_SECOND))
        remote.run("kafka", f"sudo systemctl stop {units}; sudo systemctl reset-failed {units}; true", timeout=120)

    def acknowledged(self) -> dict[str, int]:
        """By feed, the number up to which every record is in Kafka."""
        asked = ["sudo", "-u", "millrace", PYTHON, "-P", "-c", POSITIONS, f"simulator, seed {self.seed}"]
        known = json.loads(remote.run("kafka", asked))
        found = {feed: int(known.get(feed, 0)) for feed in PER_SECOND}
        self.highest.update({feed: max(last, self.highest.get(feed, 0)) for feed, last in found.items()})
        return found

    def has_caught_up(self) -> bool:
        """Whether all is acknowledged that ever was: what lost records, or the journal, has them sent again."""
        return all(last >= self.highest[feed] for feed, last in self.acknowledged().items())

    def _unit(self, feed: str) -> str:
        return f"millrace-drill-{feed}.service"
