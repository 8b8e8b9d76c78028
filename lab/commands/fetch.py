"""`make fetch`: a feed's real data from its publisher, through the whole pipeline."""

import math
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import httpx
import typer
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, MofNCompleteColumn, Progress, TextColumn, TransferSpeedColumn

from lab.host import remote
from lab.location import is_host
from lab.operate import live_sources
from lab.operate.first_data import is_sent
from lab.operate.send_and_reconcile import send_from_here
from lab.screen.output import console, say
from lab.sentences import live_sources as sentences
from millrace.contract.contract import Contract, load_contract
from millrace.errors import Refused
from millrace.kafka.broker import Broker, present_uuid
from millrace.lock import alone
from millrace.settings import Settings, load_lab
from producer.files.send_file import Again
from producer.live.errors import Trouble
from producer.live.fetch import Fetch
from producer.live.history import History, last_complete_month
from producer.live.http_client import open_client
from producer.live.publishers import Publisher, RemoteFile, load_places, load_publisher
from producer.live.store import Store


def fetch(
    feed: Annotated[str, typer.Argument(help="a feed whose publisher is known")],
    only: Annotated[str, typer.Option(help="one of its files by name; weather: a month, such as 2026-10")] = "",
) -> None:
    """Fetches a feed's real data and sends them as `send` does; prints the sum. Exit 0 also when nothing is new."""
    contract, publisher = load_contract(feed), load_publisher(feed)
    if is_host():
        asked = ["--only", only] if only else []
        raise typer.Exit(remote.attach(remote.SENDER, shlex.join(["millrace", "fetch", *asked, "--", feed])))
    settings = Settings.from_environment()
    uuid = present_uuid(Broker(settings.kafka_account), feed)
    target = live_sources.folder(settings) / feed
    with alone(target / ".lock", sentences.BUSY.format(feed=feed)), open_client() as client:
        desk = Desk(settings, contract, publisher, uuid, target, client, live_sources.open_store(settings))
        try:
            desk.fetch(only)
        except Trouble as trouble:
            raise (live_sources.meanwhile(load_lab(), contract, trouble) if trouble.may_pass else trouble) from None


@dataclass
class Desk:
    """A feed's publisher, the folder where files arrive, and what is remembered of them."""

    settings: Settings
    contract: Contract
    publisher: Publisher
    uuid: str
    folder: Path
    client: httpx.Client
    store: Store

    def fetch(self, only: str) -> None:
        """Fetch and send every file that is wanted, one after the other."""
        if self.publisher.files:
            files = self.publisher.wanted(only)
            if not files:
                names = ", ".join(file.name for file in self.publisher.files)
                raise Refused(sentences.NOTHING_BY_ITSELF.format(files=names))
            for remote_file in files:
                self._file(remote_file)
        else:
            self._month(only or last_complete_month(datetime.now(UTC).date()))

    def _file(self, wanted: RemoteFile) -> None:
        self._announce(wanted.what)
        known = self.store.validators(wanted.url, self.uuid)
        with bar(DownloadColumn(), TransferSpeedColumn()) as shown:
            task = shown.add_task(sentences.BYTES, total=None)
            asking = Fetch(
                self.client,
                self.publisher,
                self.contract.feed,
                self.folder,
                self.settings.publishers,
                lambda here, total: shown.update(task, completed=here, total=total),
                on_wait=report_wait,
            )
            found = asking.file(wanted, known)
        if found is None:
            day = f" ({known.last_modified})" if known.last_modified else ""
            host = urlsplit(wanted.url).netloc
            say(sentences.NOTHING_NEW.format(feed=self.contract.feed, host=host, day=day))
            return
        self._send(found.path)
        self.store.remember(wanted.url, self.uuid, found.validators)

    def _month(self, month: str) -> None:
        api = self.publisher.api
        if api is None or api.history is None:
            raise Refused(sentences.NO_HISTORY.format(feed=self.contract.feed))
        self._announce(f"{month}, hour by hour")
        with bar(MofNCompleteColumn()) as shown:
            task = shown.add_task(sentences.PLACES, total=None)
            asking = History(
                self.client,
                api,
                self.publisher.page,
                load_places(self.contract.feed),
                self.folder,
                self.settings.publishers,
                lambda done, total: shown.update(task, completed=done, total=total),
                on_wait=report_wait,
            )
            path = asking.month(month)
        self._send(path)

    def _announce(self, what: str) -> None:
        text = sentences.FETCHING.format(what=what, publisher=self.publisher.publisher, licence=self.publisher.licence)
        say(escape(text))

    def _send(self, file: Path) -> None:
        """Send it as `make send` would; a further version of a file adds to an upsert feed, and replaces elsewhere."""
        again: Again = "as_new" if self.contract.mode == "upsert" else "replace"
        try:
            if is_sent(self.settings, self.contract.feed, file):
                say(sentences.SAME_CONTENT.format(feed=self.contract.feed, file=escape(file.name)))
            else:
                send_from_here(self.contract, file, again)
        except Refused as refused:
            kept = file.rename(self.folder / f"refused-{file.name}")
            raise Refused(sentences.KEPT.format(why=refused, file=kept)) from None
        file.unlink()


@contextmanager
def bar(*columns: MofNCompleteColumn | DownloadColumn | TransferSpeedColumn) -> Iterator[Progress]:
    """A bar at a terminal, nothing elsewhere."""
    shown = console(stderr=True)
    first = (TextColumn("{task.description:>8}"), BarColumn())
    with Progress(*first, *columns, console=shown, disable=not shown.is_terminal) as progress:
        yield progress


def report_wait(trouble: Trouble, seconds: float) -> None:
    """Why it takes longer."""
    say(escape(sentences.WAITING.format(why=trouble, seconds=math.ceil(seconds))))
