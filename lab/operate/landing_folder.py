"""A feed's landing folder on the kafka machine: where it lies, and how its files are sent."""

import os
import shutil
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from lab.observe.ledger import has_all_of
from lab.observe.warehouse import warehouse
from lab.operate.mysql_as_producer import as_producer
from lab.operate.sender import kafka_outlet, spool_folder
from lab.sentences import general as sentences
from millrace.contract.contract import Contract
from millrace.errors import Refused
from millrace.settings import Settings, load_lab
from millrace.waiting import Patience
from producer.files.send_file import send_spooled
from producer.files.spool import spool
from producer.kafka.journal import Entry
from producer.kafka.outlet import Outlet
from producer.kafka.publisher import KafkaPublisher
from producer.kafka.shared_publisher import KeptPublisher
from producer.landing.folder_bounds import Bound, is_full, make_room
from producer.landing.landing_scan import ARCHIVE, QUARANTINE, Landing, Note, Scan, sentence
from producer.landing.lost_files import LostFiles
from sql.notices import Notice, report

PLACE, SENT_PLACE = "landing", "sent"
LINGER_SECONDS = 10.0
"""How long it is looked again after the last file: starting costs more than staying."""
PAUSE_SECONDS = 1.0
KEPT_SHARE = 0.04
"""Of the machine's disk, for what all folders have archived, and as much for what they have refused."""
NAMED = 3
"""Files that a sentence names."""
OPEN_TO_ALL = 0o3777
"""Whoever is on the machine may put files here, nobody may take another's; the group follows the folder."""


def folder_of(settings: Settings, feed: str) -> Path:
    """Where people put the feed's files."""
    return settings.state_dir / "landing" / feed


def ensure_folder(settings: Settings, feed: str, user: str) -> None:
    """Make the feed's folder if it is not there, as root, for that user, and in it those where files go."""
    folder = folder_of(settings, feed)
    filed = ((folder / name, 0o755) for name in (ARCHIVE, QUARANTINE))
    for each, mode in ((folder.parent, 0o755), (folder, OPEN_TO_ALL), *filed):
        if not each.is_dir():
            each.mkdir(parents=True)
            shutil.chown(each, user, user)
            each.chmod(mode)


class LandingFolder:
    """The folder with everything that sending needs."""

    def __init__(self, settings: Settings, contract: Contract) -> None:
        self.feed = feed = contract.feed
        self._settings = settings
        self._reported: list[Note] | None = None
        self._bound = Bound(load_lab().machines["kafka"].share_of_disk(KEPT_SHARE))
        self._publisher = KeptPublisher(lambda: KafkaPublisher(settings.kafka_as("producer"), feed))
        self._landing = Landing(
            folder_of(settings, feed),
            copy=lambda path, held: spool(path, spool_folder(settings), descriptor=held),
            send=partial(
                send_spooled,
                contract,
                outlet=replace(kafka_outlet(settings), publisher=lambda _feed: self._publisher),
                once=True,
            ),
            is_full=lambda: is_full(_kept(settings, QUARANTINE), self._bound),
        )

    def run(self, stopped: Callable[[], bool], linger: float = LINGER_SECONDS) -> Scan:
        """Scan until nothing has come for a while; the last look. What stays in the folder is told to people."""
        waiting = Patience(linger)
        try:
            scan = self._scan()
            while not stopped() and not waiting.is_over:
                time.sleep(PAUSE_SECONDS)
                scan = self._scan()
                if scan.did_something:
                    waiting.moved()
            return scan
        finally:
            self._publisher.end()
            make_room(_kept(self._settings, ARCHIVE), self._bound)

    def _scan(self) -> Scan:
        try:
            return self._landing.scan()
        finally:
            self._report(self._landing.notes())

    def _report(self, notes: list[Note]) -> None:
        """MySQL may be away: the journal has the same lines, and the next look tells again."""
        if notes == self._reported:
            return
        notices = [Notice(self.feed, PLACE, note.name, note.kind, sentence(note)) for note in notes]
        with suppress(Refused), as_producer(self._settings) as connection:
            report(connection, self.feed, PLACE, notices)
            self._reported = notes


def send_lost_again(settings: Settings, contract: Contract, outlet: Outlet) -> None:
    """Look whether Kafka still holds the feed's files; what it has lost is sent again, or told to people."""
    publisher = KeptPublisher(lambda: KafkaPublisher(settings.kafka_as("producer"), contract.feed))
    lost = LostFiles(
        contract,
        folder_of(settings, contract.feed) / ARCHIVE,
        lambda path: spool(path, spool_folder(settings)),
        replace(outlet, publisher=lambda _feed: publisher),
        partial(_is_loaded, settings, contract),
    )
    try:
        names = list(dict.fromkeys(lost.send_again()))
    finally:
        publisher.end()
    with as_producer(settings) as connection:
        report(connection, contract.feed, SENT_PLACE, lost_notices(contract.feed, names))


def lost_notices(feed: str, names: Sequence[str]) -> list[Notice]:
    """What there is to tell of files that only people still have."""
    if not names:
        return []
    shown = ", ".join(names[:NAMED]) + (sentences.AND_OTHERS.format(others=len(names) - NAMED) if names[NAMED:] else "")
    return [Notice(feed, SENT_PLACE, "", "trouble", sentences.SENT_AND_LOST.format(files=shown))]


def _is_loaded(settings: Settings, contract: Contract, entry: Entry) -> bool:
    with warehouse(settings) as connection:
        return has_all_of(connection, contract, entry.source, entry.acknowledged)


def _kept(settings: Settings, name: str) -> list[Path]:
    return [folder / name for folder in landing_folders(settings)]


def landing_folders(settings: Settings) -> list[Path]:
    """The folders that are there."""
    parent = settings.state_dir / "landing"
    return sorted(Path(entry.path) for entry in os.scandir(parent) if entry.is_dir()) if parent.is_dir() else []
