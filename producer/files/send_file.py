"""One file into its feed's topic."""

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from typing import Literal

from millrace.contract.contract import Contract
from millrace.errors import Refused
from millrace.kafka.broker import present_uuid
from millrace.record.event import Claim, Origin, encode_event, timestamp
from millrace.record.identity import file_source
from producer.files.errors import OtherContent, Unusable
from producer.files.file_check import CheckedFile, check_file
from producer.files.spool import Spooled
from producer.kafka.backpressure import Backpressure
from producer.kafka.event_sender import EventSender
from producer.kafka.held_records import has_lost, taken_back
from producer.kafka.journal import Entry, Journal
from producer.kafka.outlet import Outlet

log = logging.getLogger(__name__)
Again = Literal["", "as_new", "replace"]
"""What a file of a known name with other content is."""
Progress = Callable[[int, int], None]
"""Called with (records acknowledged, records in the file)."""
MOST_REPLACED = 100
"""Sources that a version may name; each of its events carries all of them."""


@dataclass(frozen=True)
class SendResult:
    """What was sent. `records` are in the file; `skipped` of them were acknowledged by an earlier, interrupted send.

    `end_offsets`: per partition that has records of the source; all of it is in MySQL once the ledger's ends are there.
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


def send_spooled(  # noqa: PLR0913 - the choices a sender has
    contract: Contract,
    spooled: Spooled,
    outlet: Outlet,
    *,
    again: Again = "",
    once: bool = False,
    lost: Entry | None = None,
    origin: Origin = "file",
    progress: Progress = lambda _done, _all: None,
) -> SendResult:
    """Send a file that lies in the spool, see producer.files.spool; it leaves the spool when all of it is acknowledged.

    What an earlier send of the same content left unacknowledged is sent; a complete one is sent anew, unless `once`.
    `again` says what a file of a known name with other content is: a further file (as_new), or the new version of it
    (replace). `lost`: as what it was sent before Kafka lost records of it. `origin`: what the file came from.
    Unusable where the file is wrong, Refused where it cannot be sent now.
    """
    began = time.monotonic()
    try:
        uuid, start = present_uuid(outlet.topic, contract.feed), outlet.topic.latest_offsets(contract.feed)
        if once and (known := _sent_before(outlet, contract.feed, spooled, uuid)):
            spooled.discard()
            return _result(known, known.acknowledged, 0, 0, began, start, start)
        checked = _checked(contract, spooled)
        entry = _opened(outlet, contract.feed, spooled, uuid, again, lost)
    except Refused:
        spooled.discard()
        raise
    target = outlet.publisher(contract.feed)
    try:
        pressure = Backpressure(contract.feed, outlet.topic.retention_bytes, start, outlet.read_up_to(contract.feed))
        stream = EventSender(target, sorted(start), pressure, outlet.seal)
        stream.acknowledged = _acknowledging(outlet.journal, entry, stream, checked.records, progress)
        stream.send(islice(_events(checked, entry, origin), entry.acknowledged, None))
    finally:
        target.close()
    _finish(outlet, entry, checked.records, stream)
    spooled.discard()
    return _result(entry, checked.records, stream.sent, checked.unreadable, began, start, _ends(outlet, entry, stream))


def _ends(outlet: Outlet, entry: Entry, stream: EventSender) -> dict[int, int]:
    """Behind the source's last records, in the partitions that have some."""
    newest_last = reversed(outlet.journal.positions(entry.feed, entry.source))
    return {position.partition: position.offset + 1 for position in newest_last} | stream.ends


def _finish(outlet: Outlet, entry: Entry, records: int, stream: EventSender) -> None:
    """The source is complete. Refused where Kafka no longer holds what it had acknowledged."""
    outlet.journal.acknowledge(entry.feed, entry.source, records, stream.positions())
    if has_lost(outlet.journal, outlet.holds, entry.feed, entry.source):
        raise Refused(f"Kafka has lost records of {entry.name} that it had acknowledged; send it again.")
    outlet.journal.finish(entry.feed, entry.source, records)


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


def _checked(contract: Contract, spooled: Spooled) -> CheckedFile:
    try:
        return check_file(contract, spooled)
    except Refused as refused:
        raise Unusable(str(refused)) from None
    except (ArithmeticError, LookupError, MemoryError, RecursionError, TypeError, ValueError) as error:
        # Only the file is read here: an unforeseen error comes from its content, and would come again.
        log.exception("%s cannot be read", spooled.name)
        raise Unusable(f"{spooled.name} cannot be read ({type(error).__name__}); see the journal.") from None


def _sent_before(outlet: Outlet, feed: str, spooled: Spooled, uuid: str) -> Entry | None:
    source, journal = file_source(feed, spooled.sha256), outlet.journal
    known = journal.entry(feed, source)
    if not known or known.state != "sent" or known.topic_uuid != uuid or _newer(journal, feed, spooled.name, source):
        return None
    return known if taken_back(journal, outlet.holds, known) == known else None


def _opened(outlet: Outlet, feed: str, spooled: Spooled, uuid: str, again: str, lost: Entry | None) -> Entry:  # noqa: PLR0913, PLR0917 - see send_spooled
    """The journal's entry for this send: taken up where an interrupted one stopped, or Kafka lost of it, else begun.

    What is still the newest content of its names claims nothing new. All else gets the next version.
    """
    source, journal = file_source(feed, spooled.sha256), outlet.journal
    if lost:
        return taken_back(journal, outlet.holds, lost)
    known = journal.entry(feed, source)
    other = _newer(journal, feed, spooled.name, source)
    if other and not again:
        raise OtherContent(spooled.name, feed)
    is_newest = known is not None and not other and not _newer(journal, feed, known.name, source)
    if known and is_newest and known.state == "sending" and known.topic_uuid == uuid:
        return taken_back(journal, outlet.holds, known)
    entry = Entry(source, feed, spooled.name, spooled.sha256, uuid, 0, "sending")
    if known and is_newest:
        entry = replace(entry, version=known.version, replaces=known.replaces)
    else:
        replaces = _replaced(outlet, entry, other, known) if other and again == "replace" else ()
        entry = replace(entry, version=journal.next_version(feed), replaces=replaces)
    journal.put(entry)
    return entry


def _replaced(outlet: Outlet, entry: Entry, other: Entry, known: Entry | None) -> tuple[int, ...]:
    """The version before; of each that may have come to nothing, what it takes the place of: it has not done so then.

    The same holds of an earlier sending of what is sent now. What was sent under another name since is left alone.
    """
    versions: dict[int, Entry | None] = {other.source: other}
    unsure = [each for each in (other, known) if each]
    while unsure and len(versions) <= MOST_REPLACED:
        before = unsure.pop(0)
        if _is_in_kafka(outlet, before, entry.topic_uuid) or outlet.is_loaded(before):
            continue
        for old in before.replaces:
            if old not in versions:
                versions[old] = outlet.journal.entry(entry.feed, old)
                unsure += [one for one in (versions[old],) if one]
    versions.pop(entry.source, None)
    found = tuple(old for old, one in versions.items() if not one or one.name == entry.name)
    if len(found) > MOST_REPLACED:
        raise Refused(f"None of the last {len(found)} versions of {entry.name} has arrived; send the newest again.")
    return found


def _is_in_kafka(outlet: Outlet, entry: Entry, uuid: str) -> bool:
    """Whether the topic has a record of the source for certain."""
    known = entry.acknowledged > 0 and entry.topic_uuid == uuid
    return known and not has_lost(outlet.journal, outlet.holds, entry.feed, entry.source)


def _newer(journal: Journal, feed: str, name: str, source: int) -> Entry | None:
    """What was sent under the name since, if that is another content."""
    newest = next(iter(journal.named(feed, name)), None)
    return newest if newest and newest.source != source else None


def _acknowledging(
    journal: Journal, entry: Entry, stream: EventSender, records: int, progress: Progress
) -> Callable[[int], None]:
    """Journals the position at most five times a second: what it lags behind is only sent twice, never lost."""
    written = 0.0

    def acknowledged(row: int) -> None:
        nonlocal written
        if (now := time.monotonic()) - written > 0.2:
            journal.acknowledge(entry.feed, entry.source, row, stream.positions())
            written = now
        progress(row, records)

    return acknowledged


def _events(checked: CheckedFile, entry: Entry, origin: Origin) -> Iterator[tuple[int, bytes]]:
    claim = Claim(entry.version, entry.replaces)
    encode = checked.reading.encoder(entry.feed, entry.source, checked.given, origin, claim)
    unreadable = partial(encode_event, entry.feed, entry.source, origin=origin, claim=claim)
    for record in checked.reading.records():
        if record.is_readable:
            yield record.row, encode(record)
        else:
            yield record.row, unreadable(record.row, timestamp(), raw=record.raw, why=record.why)
