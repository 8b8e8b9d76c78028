"""A landing folder, what lies in it, and what it says."""

from functools import partial
from pathlib import Path

from producer.files.send_file import send_spooled
from producer.files.spool import spool
from producer.landing.landing_scan import Landing, Scan
from tests.unit.producer.files.desk import CONTRACT, Desk

GOOD = "Day,Item\n1,a\n2,b\n"


class Port(Desk):
    """A landing folder over a topic in memory."""

    def put(self, name: str, content: str = GOOD) -> Path:
        file = self.folder / name
        file.write_text(content)
        return file

    @property
    def landing(self) -> Landing:
        send = partial(send_spooled, CONTRACT, outlet=self.outlet, once=True)
        return Landing(self.folder, lambda path, held: spool(path, self.folder.parent / "spool", descriptor=held), send)

    def scan(self) -> Scan:
        return self.landing.scan()

    @property
    def identities(self) -> list[tuple[int, int]]:
        return sorted((event["source"], event["row"]) for event in self.events)

    def names(self, folder: str = "") -> list[str]:
        where = self.folder / folder
        return sorted(path.name for path in where.iterdir() if path.is_file()) if where.exists() else []


def messages(scan: Scan) -> dict[str, str]:
    return {note.name: note.message for note in scan.notes}
