"""The fourth feed of the traffic: versions of one file, each sent in place of the one before, like `make send`."""

import csv
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Lock, Thread

from drills.traffic import Bad, is_bad
from instruments.tools import source_of
from lab.location import CHECKOUT

FEED = "insurance_network"
RECORDS = 500
BAD = Bad("StateCode", "Alaska", "state_code", "is longer than 2 characters")
BETWEEN_SECONDS = 5.0
MOST_SECONDS = 600


@dataclass
class Replacements:
    """Sends a version every few seconds; one that did not get through is sent again before the next."""

    folder: Path
    seed: int
    sent: list[int] = field(default_factory=list)
    """The source of each version that `make send` has told as landed, the newest last."""
    said: str = ""
    """What the last send that failed has said."""
    turn: Lock = field(default_factory=Lock)
    """Whoever holds it keeps further sends back."""

    def __post_init__(self) -> None:
        self._stopped = Event()
        self._sender = Thread(target=self._send_all, daemon=True)
        self._sender.start()

    def stop(self) -> None:
        """No version begins any more; the one that is under way, or did not get through, is sent to its end."""
        self._stopped.set()
        self._sender.join(MOST_SECONDS)

    @property
    def acknowledged(self) -> int:
        """Records that Kafka has of the versions that have landed."""
        return RECORDS * len(self.sent)

    def _send_all(self) -> None:
        while not self._stopped.is_set():
            file = self._write(len(self.sent) + 1)
            tries = 0
            while not self._is_landed(file) and not (self._stopped.is_set() and (tries := tries + 1) > 2):
                self._stopped.wait(1)
            self._stopped.wait(BETWEEN_SECONDS)

    def _is_landed(self, file: Path) -> bool:
        command = [sys.executable, "-m", "lab", "send", "--replace", "--", FEED, str(file)]
        with self.turn:
            done = subprocess.run(
                command, cwd=CHECKOUT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
            )
        if done.returncode != 0:
            self.said = done.stderr.strip()
            return False
        self.sent.append(source_of(FEED, file))
        return True

    def _write(self, version: int) -> Path:
        file = self.folder / f"drill-{self.seed}.csv"
        write_networks(file, RECORDS, f"{self.seed}, version {version}", some_bad=True)
        return file


def write_networks(file: Path, records: int, name: str, *, some_bad: bool = False) -> None:
    """A file of the feed whose records differ by their names; where some are bad, as many as of the traffic."""
    with (CHECKOUT / "feeds" / FEED / "sample.csv").open(encoding="utf-8", newline="") as sample:
        head, first = list(csv.reader(sample))[:2]
    bad, named = head.index(BAD.field), head.index("NetworkName")
    with file.open("w", encoding="utf-8", newline="") as text:
        write = csv.writer(text).writerow
        write(head)
        for number in range(1, records + 1):
            line = list(first)
            line[named] = f"Drill {name}, network {number}"
            line[bad] = BAD.text if some_bad and is_bad(number) else line[bad]
            write(line)
