"""One CSV file into its feed's topic."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Literal, Protocol

from feeds.contract import Contract
from feeds.errors import Refused
from feeds.event import MAX_BYTES, EventWriter, encode_event, timestamp
from feeds.identity import file_source
from producer.header import Header, read_header
from producer.journal import Entry, Journal
from producer.publisher import Publisher
from producer.records import Record, read_records
from producer.room import ReadUpTo, Room
from producer.spool import Spooled, spool
from producer.stream import Stream

SAFE_RAW_BYTES = MAX_BYTES // 8
"""A record this small fits an event however much JSON and base64 blow it up."""

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


@dataclass(frozen=True)
class Checked:
    """A file that may be sent: it has a readable header, at least one record, and none too large for an event."""

    spooled: Spooled
    header: Header
    records: int
    unreadable: int


def check_file(contract: Contract, spooled: Spooled) -> Checked:
    """Read the whole file once; refuses what is wrong with it before its first record is sent."""
    records = unreadable = 0
    with spooled.path.open("rb") as lines:
        header = read_header(lines, contract, spooled.name)
        for record in read_records(lines, contract.source, len(header.names), header.lines + 1):
            records += 1
            unreadable += record.fields is None
            _refuse_too_large(record, header, contract, spooled.name)
    if not records:
        raise Refused(f"{spooled.name} has a header but no record; nothing was sent.")
    return Checked(spooled, header, records, unreadable)


def send_file(  # noqa: PLR0913 - the choices a sender has
    contract: Contract,
    file: Path,
    *,
    publisher: Callable[[], Publisher],
    topic: Topic,
    journal: Journal,
    spool_folder: Path,
    name: str | None = None,
    again: Literal["", "as_new", "replace"] = "",
    read_up_to: ReadUpTo | None = None,
    progress: Progress = lambda _done, _all: None,
    on_wait: Callable[[str], None] = lambda _text: None,
) -> SendResult:
    """Send a file. What an earlier send of the same content left unacknowledged is sent; a complete one is sent anew.

    `name` is what the file is called where that differs from its path. `again` says what a file of a known name with
    other content is: a further file (as_new), or the new version of it (replace). `read_up_to` asks the ledger.
    """
    began = time.monotonic()
    spooled = spool(file, spool_folder)
    spooled = Spooled(spooled.path, name or spooled.name, spooled.sha256, spooled.size)
    try:
        checked = check_file(contract, spooled)
        uuid, start = _topic_state(topic, contract.feed)
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
        stream.send(islice(_events(contract, checked, entry), entry.acknowledged, None))
    finally:
        target.close()
    journal.finish(contract.feed, entry.source, checked.records)
    spooled.discard()
    return SendResult(
        feed=contract.feed,
        name=spooled.name,
        source=entry.source,
        records=checked.records,
        sent=stream.sent,
        skipped=checked.records - stream.sent,
        unreadable=checked.unreadable,
        seconds=time.monotonic() - began,
        topic_uuid=uuid,
        start_offsets=start,
        end_offsets=start | stream.ends,
    )


def _topic_state(topic: Topic, feed: str) -> tuple[str, dict[int, int]]:
    uuid = topic.topic_uuid(feed)
    if uuid is None:
        raise Refused(f"Kafka has no topic {feed}; `make up` creates the topics of the feeds in lab.yml.")
    return uuid, topic.latest_offsets(feed)


def _opened(journal: Journal, feed: str, spooled: Spooled, uuid: str, again: str) -> Entry:
    """The journal's entry for this send: taken up where an interrupted one stopped, else begun."""
    source = file_source(feed, spooled.sha256)
    known = journal.entry(feed, source)
    if known and known.state == "sending" and known.topic_uuid == uuid:
        return known
    versions = journal.named(feed, spooled.name)
    is_other_content = bool(versions) and versions[0].source != source
    if is_other_content and not again:
        raise Refused(
            f"A file {spooled.name} with other content was sent to {feed} before; add AS_NEW=1 if both count, "
            "or REPLACE=1 if this one takes its place."
        )
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


def _events(contract: Contract, checked: Checked, entry: Entry) -> Iterator[tuple[int, bytes]]:
    header = checked.header
    writer = EventWriter(contract.feed, entry.source, header.kept_names)
    keeps_all = len(header.kept) == len(header.names)
    with checked.spooled.path.open("rb") as lines:
        for _ in range(header.lines):
            next(lines)
        for record in read_records(lines, contract.source, len(header.names), header.lines + 1):
            replaces = entry.replaces if record.row == 1 else None
            if record.fields is None or replaces is not None:
                yield record.row, _slow_event(contract.feed, record, header, entry.source, replaces)
                continue
            fields = record.fields if keeps_all else [record.fields[index] for index in header.kept]
            yield record.row, writer.encode(record.row, fields)


def _slow_event(feed: str, record: Record, header: Header, source: int, replaces: int | None) -> bytes:
    if record.fields is None:
        return encode_event(feed, source, record.row, timestamp(), raw=record.raw, why=record.why, replaces=replaces)
    data = {header.names[index]: record.fields[index] for index in header.kept}
    return encode_event(feed, source, record.row, timestamp(), data=data, replaces=replaces)


def _refuse_too_large(record: Record, header: Header, contract: Contract, file: str) -> None:
    if len(record.raw) < SAFE_RAW_BYTES:
        return
    size = len(_slow_event(contract.feed, record, header, 2**62, 2**62))
    if size > MAX_BYTES - 1024:
        raise Refused(
            f"{file}: record {record.row} at line {record.line} is too large ({size:,} bytes as an event, "
            f"{MAX_BYTES - 1024:,} are allowed); shorten it, or look for a quote that is never closed."
        )
