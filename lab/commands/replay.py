"""`make replay`: refused records through their topic once more, after the contract was mended."""

from functools import partial
from typing import Annotated

import typer

from lab.host.remote import on_kafka
from lab.location import is_host
from lab.observe.quarantine import count_cut, count_rejected
from lab.observe.warehouse import warehouse
from lab.operate import reconciliation
from lab.operate.mysql_as_producer import as_producer
from lab.operate.replay import open_records, replayed
from lab.operate.sender import committed, load_before
from lab.screen.output import progress_bar, say
from lab.sentences import feed_life as sentences
from lab.sentences.general import ARRIVING
from millrace.contract.contract import Contract, load_contract
from millrace.kafka.broker import Broker
from millrace.record.seal import Seal
from millrace.settings import Settings
from producer.kafka.backpressure import Backpressure
from producer.kafka.event_sender import EventSender
from producer.kafka.publisher import KafkaPublisher
from sql import events
from sql.events import LabEvent


def replay(feed: Annotated[str, typer.Argument(help="the feed whose quarantine it is")]) -> None:
    """Sends every refused record once more, under its own identity, waits, and prints what was taken in."""
    contract = load_contract(feed)
    if is_host():
        raise typer.Exit(on_kafka("replay", contract.feed))
    settings = Settings.from_environment()
    load_before(settings, contract.feed)
    if not open_count(settings, contract.feed):
        say(sentences.NOTHING_TO_REPLAY.format(feed=contract.feed))
        return
    sent, ends = send_again(settings, contract)
    with progress_bar() as bar:
        arriving = bar.add_task(ARRIVING, total=sent)
        waiting = reconciliation.Sent(contract.feed, 0, sent, ends)
        reconciliation.wait_for_arrival(
            settings, waiting, lambda left: bar.update(arriving, completed=max(0, sent - left))
        )
    cut = cut_count(settings, contract.feed)
    left = open_count(settings, contract.feed) - cut
    note(settings, contract.feed, sent, max(0, sent - left))
    say(sentences.REPLAYED.format(feed=contract.feed, sent=sent, resolved=max(0, sent - left), left=left))
    if cut:
        say(sentences.REPLAY_CUT.format(cut=cut))
    if left + cut:
        say(sentences.SEE_QUARANTINE.format(feed=contract.feed))


def note(settings: Settings, feed: str, sent: int, resolved: int) -> None:
    """Notes for `make events` that it was done."""
    with as_producer(settings) as connection:
        events.note(connection, LabEvent("replayed", sentences.REPLAY_NOTED.format(resolved=resolved), feed, sent))


def open_count(settings: Settings, feed: str) -> int:
    """How many records of the feed are refused and not taken in since."""
    with warehouse(settings) as connection:
        return count_rejected(connection, feed)


def cut_count(settings: Settings, feed: str) -> int:
    """Of how many of them only the first bytes are left: who has the record must send it again."""
    with warehouse(settings) as connection:
        return count_cut(connection, feed)


def send_again(settings: Settings, contract: Contract) -> tuple[int, dict[int, int]]:
    """Puts every open record into the topic; how many, and where they end per partition."""
    broker = Broker(settings.kafka_account)
    start = broker.latest_offsets(contract.feed)
    read_up_to = partial(committed, settings, contract.feed)
    backpressure = Backpressure(contract.feed, broker.retention_bytes, start, read_up_to)
    publisher = KafkaPublisher(settings.kafka_as("producer"), contract.feed)
    seal = Seal(settings.record_key)
    stream = EventSender(publisher, sorted(start), backpressure, seal)
    try:
        with warehouse(settings) as connection:
            records = open_records(connection, contract.feed)
            stream.send(enumerate((replayed(contract, seal, record) for record in records), start=1))
    finally:
        publisher.close()
        broker.close()
    return stream.sent, dict(stream.ends)
