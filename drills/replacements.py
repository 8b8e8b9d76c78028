"""The load's fourth feed: version after version of one file, each sent in place of the one before, like `make send`."""

import csv
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread

from lab.location import CHECKOUT
from tests.lab.tools import source_of

FEED = "insurance_network"
RECORDS, BAD_EVERY = 500, 100
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

    def __post_init__(self) -> None:
        self._stopped = Event()
        self._sender = Thread(target=self._send_all, daemon=True)
        self._sender.start()

    def stop(self) -> None:
        """No version begins any more; the one that is under way, or did not get through, is sent to its end."""
        self._stopped.set()
        self._sender.join(MOST_SECONDS)

    @property
    def good(self) -> int:
        """Records of a version that are loaded."""
        return RECORDS - self.bad

    @property
    def bad(self) -> int:
        """Records of a version that are refused."""
        return RECORDS // BAD_EVERY

    def _send_all(self) -> None:
        while not self._stopped.is_set():
            file = self._write(len(self.sent) + 1)
            tries = 0
            while not self._is_landed(file) and not (self._stopped.is_set() and (tries := tries + 1) > 2):
                self._stopped.wait(1)
            self._stopped.wait(BETWEEN_SECONDS)

    def _is_landed(self, file: Path) -> bool:
        command = [sys.executable, "-m", "lab", "send", "--replace", "--", FEED, str(file)]
        done = subprocess.run(
            command, cwd=CHECKOUT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            self.said = done.stderr.strip()
            return False
        self.sent.append(source_of(FEED, file))
        return True

    def _write(self, version: int) -> Path:
        with (CHECKOUT / "feeds" / FEED / "sample.csv").open(encoding="utf-8", newline="") as sample:
            head, first = list(csv.reader(sample))[:2]
        file = self.folder / f"drill-{self.seed}.csv"
        state, name = head.index("StateCode"), head.index("NetworkName")
        with file.open("w", encoding="utf-8", newline="") as text:
            write = csv.writer(text).writerow
            write(head)
            for number in range(RECORDS):
                line = list(first)
                line[name] = f"Drill {self.seed}, version {version}, network {number}"
                line[state] = "Alaska" if number % BAD_EVERY == 0 else line[state]
                write(line)
        return file
