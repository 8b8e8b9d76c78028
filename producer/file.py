"""One file into its feed's topic."""

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Literal, Protocol

from feeds.contract import Contract
from feeds.errors import Refused
from feeds.event import Origin, encode_event, timestamp
from feeds.identity import file_source
from feeds.kafka import present_uuid
from producer.check import Checked, check_file
from producer.errors import OtherContent, Unusable
from producer.journal import Entry, Journal
from producer.publisher import Publisher
from producer.records import Record
from producer.room import ReadUpTo, Room
from producer.spool import Spooled, spool
from producer.stream import Stream

log = logging.getLogger(__name__)
Again = Literal["", "as_new", "replace"]
"""What a file of a known name with other content is."""
Progress = Callable[[int, int], None]
"""Called with (records acknowledged, records in the file)."""


class Topic(Protocol):
    """What must be known of a topic before sending; feeds.kafka.Broker knows it."""

    def topic_uuid(self, topic: str) -> str | None: ...

    def latest_offsets(self, topic: str) -> dict[int, int]: ...


@dataclass(frozen=True)
class SendResult:
    """What was sent. `records` are in the file; `skipped` of them were acknowledged by an earlier, interrupted send.

    `start_offsets` and `end_offsets` bound this send in every partition: all of it is in MySQL once the ledger's ends
    reach `end_offsets`.
    """

    feed: str
    name: str
    source: int
    records: int
    sent: int
    skipped: int
    unreadable: int
    seconds: float
    topic_uuid: str
    start_offsets: dict[int, int] = field(default_factory=dict)
    end_offsets: dict[int, int] = field(default_factory=dict)


def send_file(  # noqa: PLR0913 - the choices a sender has
    contract: Contract,
    file: Path,
    *,
    publisher: Callable[[], Publisher],
    topic: Topic,
    journal: Journal,
    spool_folder: Path,
    name: str | None = None,
    again: Again = "",
    origin: Origin = "file",
    read_up_to: ReadUpTo | None = None,
    progress: Progress = lambda _done, _all: None,
    on_wait: Callable[[str], None] = lambda _text: None,
) -> SendResult:
    """Send a file. What an earlier send of the same content left unacknowledged is sent; a complete one is sent anew.

    `name` is what the file is called where that differs from its path. `again` says what a file of a known name with
    other content is: a further file (as_new), or the new version of it (replace). `origin`: what the file came from.
    `read_up_to` asks the ledger. Unusable where the file is wrong, Refused where it cannot be sent now.
    """
    spooled = spool(file, spool_folder)
    return send_spooled(
        contract,
        Spooled(spooled.path, name or spooled.name, spooled.sha256, spooled.size),
        publisher=publisher,
        topic=topic,
        journal=journal,
        again=again,
        origin=origin,
        read_up_to=read_up_to,
        progress=progress,
        on_wait=on_wait,
    )


def send_spooled(  # noqa: PLR0913 - the choices a sender has
    contract: Contract,
    spooled: Spooled,
    *,
    publisher: Callable[[], Publisher],
    topic: Topic,
    journal: Journal,
    again: Again = "",
    once: bool = False,
    origin: Origin = "file",
    read_up_to: ReadUpTo | None = None,
    progress: Progress = lambda _done, _all: None,
    on_wait: Callable[[str], None] = lambda _text: None,
) -> SendResult:
    """Send a file that lies in the spool, see send_file; it leaves the spool when all of it is acknowledged.

    `once`: a content that is in Kafka as a whole is not sent anew.
    """
    began = time.monotonic()
    try:
        uuid, start = _topic_state(topic, contract.feed)
        if once and (known := _sent_before(journal, contract.feed, spooled, uuid)):
            spooled.discard()
            return _result(known, known.acknowledged, 0, 0, began, start, start)
        checked = _checked(contract, spooled)
        entry = _opened(journal, contract.feed, spooled, uuid, again)
    except Refused:
        spooled.discard()
        raise
    target = publisher()
    try:
        stream = Stream(
            target,
            sorted(start),
            Room(contract.feed, contract.topic.retention_bytes, start, read_up_to, on_wait=on_wait),
            _acknowledging(journal, entry, checked.records, progress),
        )
        stream.send(islice(_events(contract.feed, checked, entry, origin), entry.acknowledged, None))
    finally:
        target.close()
    journal.finish(contract.feed, entry.source, checked.records)
    spooled.discard()
    return _result(entry, checked.records, stream.sent, checked.unreadable, began, start, start | stream.ends)


def _result(  # noqa: PLR0913, PLR0917 - what a result is made of
    entry: Entry, records: int, sent: int, unreadable: int, began: float, start: dict[int, int], end: dict[int, int]
) -> SendResult:
    return SendResult(
        feed=entry.feed,
        name=entry.name,
        source=entry.source,
        records=records,
        sent=sent,
        skipped=records - sent,
        unreadable=unreadable,
        seconds=time.monotonic() - began,
        topic_uuid=entry.topic_uuid,
        start_offsets=start,
        end_offsets=end,
    )


def _checked(contract: Contract, spooled: Spooled) -> Checked:
    try:
        return check_file(contract, spooled)
    except Refused as refused:
        raise Unusable(str(refused)) from None
    except (ArithmeticError, LookupError, MemoryError, RecursionError, TypeError, ValueError) as error:
        # Nothing but the file is looked at here: whatever nobody thought of stands in it, and would fail again.
        log.exception("%s cannot be read", spooled.name)
        raise Unusable(f"{spooled.name} cannot be read ({type(error).__name__}); see the journal.") from None


def _sent_before(journal: Journal, feed: str, spooled: Spooled, uuid: str) -> Entry | None:
    known = journal.entry(feed, file_source(feed, spooled.sha256))
    return known if known and known.state == "sent" and known.topic_uuid == uuid else None


def _topic_state(topic: Topic, feed: str) -> tuple[str, dict[int, int]]:
    return present_uuid(topic, feed), topic.latest_offsets(feed)


def _opened(journal: Journal, feed: str, spooled: Spooled, uuid: str, again: str) -> Entry:
    """The journal's entry for this send: taken up where an interrupted one stopped, else begun."""
    source = file_source(feed, spooled.sha256)
    known = journal.entry(feed, source)
    if known and known.state == "sending" and known.topic_uuid == uuid:
        return known
    versions = journal.named(feed, spooled.name)
    is_other_content = bool(versions) and versions[0].source != source
    if is_other_content and not again:
        raise OtherContent(spooled.name, feed)
    replaces = versions[0].source if is_other_content and again == "replace" else None
    entry = Entry(source, feed, spooled.name, spooled.sha256, uuid, 0, "sending", replaces)
    journal.put(entry)
    return entry


def _acknowledging(journal: Journal, entry: Entry, records: int, progress: Progress) -> Callable[[int], None]:
    """Journals the position at most five times a second: what it lags behind is only sent twice, never lost."""
    written = 0.0

    def acknowledged(row: int) -> None:
        nonlocal written
        if (now := time.monotonic()) - written > 0.2:
            journal.acknowledge(entry.feed, entry.source, row)
            written = now
        progress(row, records)

    return acknowledged


def _events(feed: str, checked: Checked, entry: Entry, origin: Origin) -> Iterator[tuple[int, bytes]]:
    encode = checked.reading.encoder(feed, entry.source, checked.given, origin)
    for record in checked.reading.records():
        replaces = entry.replaces if record.row == 1 else None
        if record.is_readable and replaces is None:
            yield record.row, encode(record)
        else:
            yield record.row, _slow_event(feed, record, checked, entry.source, replaces, origin)


def _slow_event(  # noqa: PLR0913, PLR0917 - what an event is made of
    feed: str, record: Record, checked: Checked, source: int, replaces: int | None, origin: Origin
) -> bytes:
    send = partial(encode_event, feed, source, record.row, timestamp(), replaces=replaces, origin=origin)
    if not record.is_readable:
        return send(raw=record.raw, why=record.why)
    return send(data=checked.reading.texts(record) | checked.given)
