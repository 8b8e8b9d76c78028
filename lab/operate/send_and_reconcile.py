"""A file from this machine through the whole pipeline, and the proof that nothing vanished."""

from pathlib import Path

from lab.observe.ledger import Counts
from lab.operate import reconciliation
from lab.operate.sender import Sender
from lab.screen.output import progress_bar, say
from lab.sentences import general as sentences
from millrace.contract.contract import Contract
from millrace.errors import Refused
from millrace.settings import Settings
from producer.files.send_file import Again


def send_from_here(contract: Contract, file: Path, again: Again, sheet: str = "") -> None:
    """Sends the file from this machine and waits until it has landed."""
    sender = Sender(Settings.from_environment(), contract)
    with progress_bar() as bar:
        earlier = bar.add_task(sentences.EARLIER, total=None, visible=False)
        start = sender.start(file, lambda waiting: bar.update(earlier, visible=waiting > 0))
        sending = bar.add_task(sentences.SENDING, total=None)
        result = sender.send(file, again, lambda done, total: bar.update(sending, completed=done, total=total), sheet)
        sent = reconciliation.Sent(contract.feed, result.source, result.sent, result.end_offsets)
        arriving = bar.add_task(sentences.ARRIVING, total=result.sent)
        counts = sender.follow(
            sent, start, lambda waiting: bar.update(arriving, completed=max(0, result.sent - waiting))
        )
    if result.skipped:
        say(sentences.TAKEN_UP.format(skipped=result.skipped, records=result.records))
    report(sent, counts)


def report(sent: reconciliation.Sent, counts: Counts) -> None:
    """Prints the sum; exit 1 when it does not add up.

    More may have been read than was sent: who sends the same file at the same time sends the same records.
    """
    others = max(0, counts.read - sent.records)
    say(sentences.SUM.format(feed=sent.feed, sent=sent.records + others, **vars(counts)))
    if counts.quarantined:
        say(sentences.SEE_QUARANTINE.format(feed=sent.feed))
    if counts.accounted != sent.records + others or others > counts.duplicates:
        raise Refused(sentences.DOES_NOT_ADD_UP.format(sent=sent.records, landed=counts.accounted))
    if others:
        say(sentences.SENT_BY_OTHERS.format(others=others))
