"""The traffic that every drill runs under: simulators of three feeds on the kafka machine, under a seed of their own.

The producers' journal tells which records Kafka has acknowledged: it is kept on the kafka machine, apart from the
ledger that is judged by it.
"""

import json
import shlex
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


def simulator(feed: str) -> Any:
    """The module that makes its records up, see producer.simulate.run."""
    return import_module(f"feeds.{feed}.simulator")


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

    def start(self) -> None:
        """Those that do not run begin, or go on where they were."""
        for feed, rate in PER_SECOND.items():
            unit = self._unit(feed)
            simulate = [PYTHON, "-m", "lab", "simulate", feed, f"--seed={self.seed}", "--first=0", f"--rate={rate}"]
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
        asked = ["sudo", "-u", "millrace", PYTHON, "-c", POSITIONS, f"simulator, seed {self.seed}"]
        known = json.loads(remote.run("kafka", asked))
        found = {feed: int(known.get(feed, 0)) for feed in PER_SECOND}
        self.highest.update({feed: max(last, self.highest.get(feed, 0)) for feed, last in found.items()})
        return found

    def has_caught_up(self) -> bool:
        """Whether all is acknowledged that ever was: what lost records, or the journal, has them sent again."""
        return all(last >= self.highest[feed] for feed, last in self.acknowledged().items())

    def _unit(self, feed: str) -> str:
        return f"millrace-drill-{feed}.service"
